# Completion of ovn-ic-nbctl, ovn-ic-sbctl and ovn-ic for bash: source it, or put it into a directory of bash-completion.
# Made by `npm run completion` from the tables of commands and options.

_ovn_ic_nbctl_commands="init show sync ts-add ts-del ts-list tsp-add tsp-set-addr tsp-del tr-add tr-del tr-list trp-add trp-del get-connection del-connection set-connection get-ssl del-ssl set-ssl list find get set add remove clear create destroy wait-until comment"
_ovn_ic_nbctl_options="--db= --no-syslog --no-wait --wait= --dry-run --oneline --timeout= --help --commands --options --leader-only --no-leader-only --version --verbose --log-file --syslog-method= --syslog-target= --private-key= --certificate= --ca-cert= --ssl-protocols= --ssl-ciphers= --ssl-ciphersuites= --ssl-server-name= --bootstrap-ca-cert= --format= --data= --no-headings --pretty --bare --max-column-width= --ssl-check-name --batch= --single-transaction --keep-going --detach --unixctl= --monitor --no-chdir --pidfile --overwrite-pidfile --no-self-confinement"
_ovn_ic_nbctl_command_options="--filter= --may-exist --if-exists --inactivity-probe= --bootstrap --columns= --id= --all"
_ovn_ic_nbctl_valued="--db --wait --timeout -t --syslog-method --syslog-target --private-key -p --certificate -c --ca-cert -C --ssl-protocols --ssl-ciphers --ssl-ciphersuites --ssl-server-name --bootstrap-ca-cert --format -f --data -d --max-column-width --batch --unixctl -u --filter --inactivity-probe --columns --id"
_ovn_ic_nbctl_table_commands="list find get set add remove clear create destroy wait-until"
_ovn_ic_nbctl_tables="IC_NB_Global Transit_Switch Transit_Switch_Port Transit_Router Transit_Router_Port Connection SSL"

_ovn_ic_sbctl_commands="init show get-connection del-connection set-connection get-ssl del-ssl set-ssl list find get set add remove clear create destroy wait-until comment"
_ovn_ic_sbctl_options="--db= --no-syslog --dry-run --oneline --timeout= --help --commands --options --leader-only --no-leader-only --version --verbose --log-file --syslog-method= --syslog-target= --private-key= --certificate= --ca-cert= --ssl-protocols= --ssl-ciphers= --ssl-ciphersuites= --ssl-server-name= --bootstrap-ca-cert= --format= --data= --no-headings --pretty --bare --max-column-width= --ssl-check-name --batch= --single-transaction --keep-going --detach --unixctl= --monitor --no-chdir --pidfile --overwrite-pidfile --no-self-confinement"
_ovn_ic_sbctl_command_options="--inactivity-probe= --bootstrap --if-exists --columns= --id= --all"
_ovn_ic_sbctl_valued="--db --timeout -t --syslog-method --syslog-target --private-key -p --certificate -c --ca-cert -C --ssl-protocols --ssl-ciphers --ssl-ciphersuites --ssl-server-name --bootstrap-ca-cert --format -f --data -d --max-column-width --batch --unixctl -u --inactivity-probe --columns --id"
_ovn_ic_sbctl_table_commands="list find get set add remove clear create destroy wait-until"
_ovn_ic_sbctl_tables="IC_SB_Global Availability_Zone Gateway Encap Datapath_Binding Port_Binding Route Service_Monitor Address_Set Connection SSL"


# Offers those of the given words that begin with the current one.
_ovn_ic_offer() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
  # What ends in = goes on with its value.
  [[ $COMP_TYPE && ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
  return 0
}

# The words from position $2 on are a line of the program $1 (nbctl or sbctl). bash splits --name=value into three.
_ovn_ic_ctl() {
  local lists=_ovn_ic_$1_ at command="" position=0
  local commands=${lists}commands options=${lists}options own=${lists}command_options
  local on_tables=${lists}table_commands tables=${lists}tables valued=${lists}valued
  local first=yes
  for ((at = $2; at < COMP_CWORD; at++)); do
    case ${COMP_WORDS[at]} in
      --) command="" position=0 first=no ;;
      =) [[ $command ]] || at=$((at + 1)) ;;
      -*)
        # Its value is the next word, unless there is a = between.
        [[ -z $command && " ${!valued} " == *" ${COMP_WORDS[at]} "* && ${COMP_WORDS[at + 1]} != = ]] && at=$((at + 1)) ;;
      *) if [[ $command ]]; then position=$((position + 1)); else command=${COMP_WORDS[at]} position=1; fi ;;
    esac
  done
  local previous=${COMP_WORDS[COMP_CWORD - 1]} cur=${COMP_WORDS[COMP_CWORD]}
  [[ $cur == = ]] && cur=""
  [[ ${COMP_WORDS[COMP_CWORD]} == = ]] || { [[ $previous == = ]] && previous=${COMP_WORDS[COMP_CWORD - 2]}; }
  if [[ -z $command ]]; then
    case $previous in
      --format | -f) _ovn_ic_offer "table list html csv json"; return ;;
      --data | -d) _ovn_ic_offer "string bare json"; return ;;
      --wait) _ovn_ic_offer "none sb"; return ;;
      --private-key | --certificate | --ca-cert | --bootstrap-ca-cert | --log-file | --batch | --unixctl | --pidfile | -p | -c | -C | -u)
        mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
      --db) _ovn_ic_offer "unix: tcp: ssl:"; compopt -o nospace 2>/dev/null; return ;;
    esac
    if [[ $cur == -* && $first == yes ]]; then _ovn_ic_offer "${!options} ${!own}"
    elif [[ $cur == -* ]]; then _ovn_ic_offer "${!own}"
    else _ovn_ic_offer "${!commands}"
    fi
  elif [[ $cur == -* ]]; then _ovn_ic_offer "--"
  elif [[ $position -eq 1 && " ${!on_tables} " == *" $command "* ]]; then _ovn_ic_offer "${!tables}"
  elif [[ $command == set-ssl ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  fi
}

_ovn_ic_nbctl() { _ovn_ic_ctl nbctl 1; }
_ovn_ic_sbctl() { _ovn_ic_ctl sbctl 1; }


# Offers values of the option before the current word; fails if it has none, or none that is known. A value that may be missing comes after a =.
_ovn_ic_value() {
  local option=${COMP_WORDS[COMP_CWORD - 1]} equals=""
  if [[ $cur == = ]]; then cur="" equals==
  elif [[ $option == = ]]; then option=${COMP_WORDS[COMP_CWORD - 2]} equals==
  fi
  case $option in --pidfile | --log-file | --verbose | --dump-inc-proc-graph) option=$equals$option ;; esac
  case $option in
    --ovnnb-db | --ovnsb-db | --ic-nb-db | --ic-sb-db | -d | -D | -i | -I) compopt -o nospace 2>/dev/null; _ovn_ic_offer "unix: tcp: ssl:" ;;
    --private-key | --certificate | --ca-cert | --bootstrap-ca-cert | -p | -c | -C | --unixctl | -u | --from | --config | =--pidfile | =--log-file) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    --dir | --ovn-root | --schemas | --env | --stop) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    --controller) _ovn_ic_offer "none c ours" ;;
    --fail-on) _ovn_ic_offer "info warning error never" ;;
    --log-format) _ovn_ic_offer "text json" ;;
    --syslog-method) compopt -o nospace 2>/dev/null; _ovn_ic_offer "libc null unix: udp:" ;;
    --ssl-protocols) _ovn_ic_offer "TLSv1.2 TLSv1.3" ;;
    --user) mapfile -t COMPREPLY < <(compgen -u -- "$cur") ;;
    =--verbose) _ovn_ic_offer "off emer err warn info dbg" ;;
    =--dump-inc-proc-graph) _ovn_ic_offer "availability-zone gateways transit-switches transit-routers port-bindings transit-switch-ports transit-router-ports advertised-routes learned-routes service-monitors address-sets sequence-numbers" ;;
    *) [[ $equals ]] ;;
  esac
}

_ovn_ic_daemon_options="--ovnsb-db= --ovnnb-db= --ic-sb-db= --ic-nb-db= --unixctl= --help --options --version --dump-inc-proc-graph --detach --no-self-confinement --no-chdir --pidfile --overwrite-pidfile --monitor --user= --verbose --log-file --syslog-method= --syslog-target= --private-key= --certificate= --ca-cert= --ssl-protocols= --ssl-ciphers= --ssl-ciphersuites= --ssl-server-name= --bootstrap-ca-cert= --ssl-check-name --max-message-size= --log-format= --metrics-listen= --metrics-host="

_ovn_ic() {
  local cur=${COMP_WORDS[COMP_CWORD]}
  if [[ $COMP_CWORD -eq 1 && $cur != -?* ]]; then _ovn_ic_offer "nbctl sandbox sbctl snapshot status sync help --help --version"; return; fi
  case ${COMP_WORDS[1]} in
    nbctl | sbctl) _ovn_ic_ctl "${COMP_WORDS[1]}" 2 ;;
    help) _ovn_ic_offer "nbctl sandbox sbctl snapshot status sync" ;;
    sandbox) _ovn_ic_value || _ovn_ic_offer "--dir --az --controller --routes --no-northd --ovn-root --schemas --keep --json --env --stop --help" ;;
    snapshot) _ovn_ic_value || _ovn_ic_offer "save --force --az --config --ic-nb-db --ic-sb-db --timeout --private-key --certificate --ca-cert --bootstrap-ca-cert --ssl-protocols --ssl-ciphers --ssl-ciphersuites --ssl-server-name --ssl-check-name --max-message-size show --table --json --help" ;;
    status) _ovn_ic_value || _ovn_ic_offer "--verbose --json --fail-on --from --az --config --ic-nb-db --ic-sb-db --timeout --private-key --certificate --ca-cert --bootstrap-ca-cert --ssl-protocols --ssl-ciphers --ssl-ciphersuites --ssl-server-name --ssl-check-name --max-message-size --help" ;;
    sync) _ovn_ic_value || _ovn_ic_offer "--once --watch --dry-run --quiet --json --timeout --ovnnb-db --ovnsb-db --ic-nb-db --ic-sb-db --private-key --certificate --ca-cert --bootstrap-ca-cert --ssl-protocols --ssl-ciphers --ssl-ciphersuites --ssl-server-name --ssl-check-name --max-message-size --help" ;;
    -*) [[ $COMP_CWORD -gt 1 ]] && _ovn_ic_value || _ovn_ic_offer "$_ovn_ic_daemon_options" ;;
  esac
}

complete -F _ovn_ic_nbctl ovn-ic-nbctl
complete -F _ovn_ic_sbctl ovn-ic-sbctl
complete -F _ovn_ic ovn-ic
