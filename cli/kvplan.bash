# SPDX-License-Identifier: GPL-3.0-or-later
# kvplan.bash - completion for bash.
#
# Commands and options come from --help, names from 'kvplan list' and 'kvplan
# show', the words that an option or a command takes from what it says to
# another.  Written here, and to be kept with the program: which options a kind
# of plot refuses (_kvplan_plot_options), what 'show' takes, and the values of
# options that name no words.  It uses nothing of the bash-completion package,
# which loads it on the first Tab.

# Commands: between the first two empty lines of 'kvplan --help'.
_kvplan_commands()
{
	local line part=0

	while IFS= read -r line; do
		if [[ -z $line ]]; then
			part=$((part + 1))
		elif ((part == 1)); then
			line=${line#"${line%%[! ]*}"}
			printf '%s\n' "${line%% *}"
		fi
	done < <("$1" --help 2>/dev/null)
}

# Options of command $2: "--name", with a '=' behind where a value follows;
# short ones likewise, "-n" and "-n=".
_kvplan_options()
{
	local line
	local form='^ +((-[a-z]), )?(--[a-z-]+)( [A-Z=]+)?(  |$)'

	while IFS= read -r line; do
		if [[ $line =~ $form ]]; then
			printf '%s\n' "${BASH_REMATCH[3]}${BASH_REMATCH[4]:+=}"
			if [[ -n ${BASH_REMATCH[2]} ]]; then
				printf '%s\n' \
					"${BASH_REMATCH[2]}${BASH_REMATCH[4]:+=}"
			fi
		fi
	done < <("$1" "$2" --help 2>/dev/null)
}

# The first column of 'kvplan list $2'.
_kvplan_names()
{
	"$1" list "$2" --csv 2>/dev/null | sed -e 1d -e 's/,.*//'
}

# Paths of the figures of the hardware that the command line names, or else of
# the first that is listed.
_kvplan_figures()
{
	local hardware=$2

	if [[ -z $hardware ]]; then
		read -r hardware < <(_kvplan_names "$1" hardware)
	fi
	{
		"$1" show offload "$hardware" --csv 2>/dev/null ||
			"$1" show hardware "$hardware" --csv 2>/dev/null
	} |
		sed -e 1d -e 's/,.*//' -e 's/$/=/'
}

# Options of a case that a sweep can vary: those with a value that stand before
# --vary, but --set and --host-memory.
_kvplan_varied()
{
	_kvplan_options "$1" sweep |
		sed -n -e '/^--vary/q' -e '/^--set/d' -e '/^--host-memory/d' \
			-e 's/^--//p'
}

# The words that command $2 takes for its first operand, or for option $3: given
# none of them, the program names all, "found '', expected gpu or cpu"; numbers
# and texts are no words.
_kvplan_words()
{
	local line
	local form="found '', expected (([a-z0-9_]+, )*[a-z0-9_]+ or [a-z0-9_]+)$"

	IFS= read -r line < <("$1" "${@:2}" '' 2>&1 >/dev/null </dev/null)
	if [[ $line =~ $form ]]; then
		line=${BASH_REMATCH[1]//,/}
		printf '%s\n' "${line/ or / }"
	fi
}

# Offer the words of $2 that begin with $1.
_kvplan_offer()
{
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$2" -- "$1")
}

_kvplan_offer_files()
{
	compopt -o filenames 2>/dev/null
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$1")
}

# Values of option $3 of command $5 that begin with $2.
_kvplan_value()
{
	case $3 in
	--model | -m)
		_kvplan_offer "$2" "$(_kvplan_names "$1" models)"
		_kvplan_offer_files "$2"
		;;
	--hardware | -w)
		_kvplan_offer "$2" "$(_kvplan_names "$1" hardware)"
		if [[ ${5-} == place ]]; then
			_kvplan_offer "$2" "$(_kvplan_names "$1" offload)"
		fi
		_kvplan_offer_files "$2"
		;;
	--policy | -p)
		_kvplan_offer "$2" "$(_kvplan_names "$1" policies)"
		if [[ ${5-} == plan || ${5-} == sweep ]]; then
			_kvplan_offer "$2" auto
		fi
		;;
	--format) _kvplan_offer "$2" 'png svg pdf' ;;
	--jitter | --systematic) _kvplan_offer "$2" calibration ;;
	--gemm) _kvplan_offer "$2" 'rested sustained' ;;
	--cost)
		compopt -o nospace 2>/dev/null
		# rates, latencies and sizes: what money changes
		_kvplan_offer "$2" "link= $(_kvplan_figures "$1" "$4" |
			sed -n -e '/_s=$/p' -e '/memory_bytes=$/p')"
		;;
	--set)
		compopt -o nospace 2>/dev/null
		_kvplan_offer "$2" "$(_kvplan_figures "$1" "$4")"
		;;
	--vary | -v)
		compopt -o nospace 2>/dev/null
		_kvplan_offer "$2" "$(_kvplan_figures "$1" "$4")
			$(_kvplan_varied "$1")"
		;;
	--uncertain)
		compopt -o nospace 2>/dev/null
		_kvplan_offer "$2" "$(_kvplan_figures "$1" "$4")"
		;;
	--sample)
		compopt -o nospace 2>/dev/null
		_kvplan_offer "$2" 'lhs: sobol:'
		;;
	--columns)
		_kvplan_offer "$2" "default help $("$1" sweep --columns help |
			sed -e 's/^ *//' -e 's/ .*//')"
		;;
	--against) _kvplan_offer "$2" "$(_kvplan_names "$1" policies)" ;;
	--output | -o | --measured | --data | --trace | -t | --plot | --plot-sweeps)
		_kvplan_offer_files "$2"
		;;
	*) _kvplan_offer "$2" "$(_kvplan_words "$1" "${COMP_WORDS[1]}" "$3")" ;;
	esac
}

# Of the options on standard input those that 'plot $1' takes: of a file none of
# a case, which stand before --format.
_kvplan_plot_options()
{
	local columns='--x|--y|--color|--where' refused

	case $1 in
	split) refused="$columns|--layer" ;;
	gantt) refused=$columns ;;
	map | heat | line) refused='--data|--step|--layer' ;;
	pareto) refused='--data|--step|--layer|--color' ;;
	tornado) refused='--data|--step|--layer|--x|--y|--color' ;;
	*) refused='--$' ;;
	esac
	case $1 in
	map | heat | line | pareto | tornado) sed -n -e '/^--format/,$p' ;;
	*) cat ;;
	esac | grep -vE "^($refused)(=|\$)"
}

# Operand $4 (from 0) of command $3, after the operand $5.
_kvplan_operand()
{
	case $3:$4 in
	reproduce:*) _kvplan_offer "$2" "$(_kvplan_names "$1" items)" ;;
	simulate:0 | plot:1 | calibrate:0 | validate:0 | merge:* | diff:*)
		_kvplan_offer_files "$2"
		;;
	plot:0 | list:0) _kvplan_offer "$2" "$(_kvplan_words "$1" "$3")" ;;
	show:0) _kvplan_offer "$2" 'hardware model offload' ;;
	show:1)
		if [[ $5 == hardware ]]; then
			_kvplan_value "$1" "$2" --hardware
		elif [[ $5 == offload ]]; then
			_kvplan_offer "$2" "$(_kvplan_names "$1" offload)"
			_kvplan_offer_files "$2"
		else
			_kvplan_value "$1" "$2" --model
		fi
		;;
	esac
}

_kvplan()
{
	local program=${1/#\~\//$HOME/} word=${COMP_WORDS[COMP_CWORD]} command options
	local option='' operands=0 first='' last='' hardware='' i w

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_kvplan_offer "$word" \
			"$(_kvplan_commands "$program") --help --version"
		return
	fi
	command=${COMP_WORDS[1]}
	options=$(_kvplan_options "$program" "$command")

	# What stands before the word: an option that wants it, or operands.
	# bash parts a word at '=', which then is a word of its own.
	for ((i = 2; i < COMP_CWORD; i++)); do
		w=${COMP_WORDS[i]}
		if [[ $w == '=' ]]; then
			if [[ ${COMP_WORDS[i - 1]} == --* ]]; then
				option=${COMP_WORDS[i - 1]}
			elif ((i + 1 < COMP_CWORD)); then
				i=$((i + 1)) # the value of --set PATH=VALUE
			else
				return # nothing is known of values
			fi
		elif [[ -n $option ]]; then
			if [[ $option == --hardware || $option == -w ]]; then
				hardware=$w
			fi
			option=''
		elif [[ $w == -* ]]; then
			if [[ $'\n'$options$'\n' == *$'\n'"$w="$'\n'* ]]; then
				option=$w
			fi
		else
			operands=$((operands + 1))
			first=${first:-$w}
			last=$w
		fi
	done
	if [[ $word == '=' ]]; then
		if [[ ${COMP_WORDS[COMP_CWORD - 1]} != --* ]]; then
			return
		fi
		option=${COMP_WORDS[COMP_CWORD - 1]}
		word=''
	fi

	if [[ -n $option ]]; then
		_kvplan_value "$program" "$word" "$option" "$hardware" \
			"$command"
	elif [[ $word == -* ]]; then
		if [[ $command == plot ]]; then
			options=$(_kvplan_plot_options "$first" <<<"$options")
		fi
		_kvplan_offer "$word" "${options//=/}"
	else
		_kvplan_operand "$program" "$word" "$command" "$operands" \
			"$last"
	fi
}

complete -F _kvplan kvplan
