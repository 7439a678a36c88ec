"""The command `importer`, and `python -m importer`, which is the same."""

import signal


def main() -> None:
    """Loads the command line and runs it. Ctrl-C while it loads ends the process at once, without a traceback."""
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from importer.cli import main as run_command

    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run_command()


if __name__ == "__main__":
    main()
