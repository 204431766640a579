# bash completion for uctriage.  A test compares the options with the command's own table.

_uctriage()
{
    local cur prev word command="" i
    local commands="analyze calls explain rules ladder show check export redact diff batch report merge unmask"
    local options="--format --output --jobs --parser --explain-detection --since --until --tz --call-id --user --peer
        --failed --rules --no-rules --include --exclude --show-skipped --lang --redact --color --progress --memory-limit
        --stream --limits --domain --by --sort --show-joins --all --original-time --quiet --verbose --version --help"
    COMPREPLY=()
    cur=${COMP_WORDS[COMP_CWORD]}
    prev=${COMP_WORDS[COMP_CWORD-1]}
    # "--format=js": bash hands over the three parts as words.
    if [[ $cur == "=" ]]; then
        cur=""
    elif [[ $prev == "=" ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi

    case $prev in
    -f|--format)
        COMPREPLY=($(compgen -W "text json ndjson html markdown csv sqlite" -- "$cur"))
        return ;;
    --color|--progress)
        COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
        return ;;
    --by)
        COMPREPLY=($(compgen -W "session call" -- "$cur"))
        return ;;
    --sort)
        COMPREPLY=($(compgen -W "start duration outcome from to" -- "$cur"))
        return ;;
    --lang)
        COMPREPLY=($(compgen -W "en zh-Hant" -- "$cur"))
        return ;;
    --parser)
        COMPREPLY=($(compgen -W "expressway lync-server uccapi windows-event search-history excerpt sip text" -- "$cur"))
        return ;;
    --rules)
        COMPREPLY=($(compgen -d -- "$cur"))
        return ;;
    -o|--output)
        COMPREPLY=($(compgen -f -- "$cur"))
        return ;;
    -j|--jobs|--since|--until|--tz|--call-id|--user|--peer|--include|--exclude|--memory-limit|--limits|--domain)
        return ;;
    esac

    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$cur"))
        return
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ " $commands " == *" $word "* ]]; then
            command=$word
            break
        fi
    done
    if [[ $command == rules && $prev == rules ]]; then
        COMPREPLY=($(compgen -W "list show check" -- "$cur"))
    elif [[ $command == explain ]]; then
        COMPREPLY=($(compgen -W "$(uctriage explain -- --list-symbols "$cur" 2>/dev/null)" -- "$cur"))
    elif [[ -z $command ]]; then
        COMPREPLY=($(compgen -W "$commands" -- "$cur") $(compgen -f -- "$cur"))
    else
        COMPREPLY=($(compgen -f -- "$cur"))
    fi
}

complete -o filenames -F _uctriage uctriage
