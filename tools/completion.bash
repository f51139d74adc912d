# SPDX-License-Identifier: MIT
# bash completion for preecho. Names and options come from the command itself, so that they are
# always those of the installed version.

_preecho() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
    local preecho=${COMP_WORDS[0]} command=${COMP_WORDS[1]} words=

    if ((COMP_CWORD == 1)); then
        words=$("$preecho" help --words 2>/dev/null)
    elif [[ $command == doctor && ${COMP_WORDS[*]:2:COMP_CWORD-2} == *--scan* && $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
    elif [[ $command == run || $command == doctor ]] && [[ $word != -* ]]; then
        # The program's own completion, as if it stood alone
        local first=2
        while [[ ${COMP_WORDS[first]} == -* ]] && ((first < COMP_CWORD)); do
            ((first++))
        done
        if declare -F _command_offset >/dev/null; then
            _command_offset "$first"
        else
            mapfile -t COMPREPLY < <(compgen -c -- "$word")
        fi
        return
    elif [[ $command == show || $previous == --key ]] && [[ $word != -* ]]; then
        words=$("$preecho" ls --keys 2>/dev/null)
    elif [[ $command == trust || $command == import || $previous == --out ||
        ($command == config && $previous == --check) ]] &&
        [[ $word != -* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
    elif [[ $command == help ]]; then
        words=$("$preecho" help --words 2>/dev/null)
    else
        words=$("$preecho" help --words "$command" 2>/dev/null)
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _preecho preecho
