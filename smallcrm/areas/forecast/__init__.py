"""What will be sold, how opportunities fare on their way, and what moved: figures over the pipeline, none of them stored."""
