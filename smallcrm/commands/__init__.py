"""The commands, a module a group. Each module adds its parsers with ``add``; a parser's ``run(args, loaded)`` gives the
exit code. What is heavy is imported where it is needed, so that ``--help`` and ``version`` answer at once.
"""
