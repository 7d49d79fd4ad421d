# Settings for every shell, kept by configuration management.
export EDITOR=vi
export PAGER=less
alias ll="ls -l"
