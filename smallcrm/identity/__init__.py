"""Who acts: the actor and what proves it. Users, teams and roles themselves are records of ``areas/people``."""
