"""Safety over everything there is: each test runs over the address map and the registry, so that what is new is tested too."""
