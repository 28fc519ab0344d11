"""One module a command of `rbc`; `compiler.cli` loads a module when its command is called."""
