# What is mutated: a way of each kind, and all that its author expects of faults.

runbook subject {
  title "A file, a service, a hand at the switch"
}

host box {
  guard hostname box.example
  needs git >= 2
}

probe calm "Nothing else runs" {
  succeeds $ test -e /srv/calm
}

probe warm "Its caches are warm" {
  number <= 5 $ cat /srv/cold
}

probe up "It answers" {
  http  https://demo.example/health
  every 5s for 1m
}

probe extra "The second door answers" {
  http     https://demo.example/extra
  optional "not everywhere"
}

phase before "Before" {
  check   calm, extra
  capture old "What is there" $ cat /srv/version
  confirm go "Begin?" {
    check up
  }
  hold soak "Watch it" {
    for   1m
    watch warm every 30s
  }
}

phase work "Work" {
  step config "Write the file" {
    $ cp /srv/new /etc/demo
    timeout 1m
    verify  calm, up
    undo {
      $ printf '%s\n' "$old" >/etc/demo
      timeout 1m
    }
  }
  capture now "What is there now" $ cat /srv/version
  step switch "Switch over" {
    $ printf '%s\n' "$now" >/srv/current
    retry 1 every 5s
    undo  $ printf '%s\n' "$old" >/srv/current
  }
}

phase after "After" {
  step load "Load it" {
    $ printf '%s\n' "$now" >/srv/loaded
    undo rollback
  }
}

phase finish "Finish" {
  capture size int "How much goes away" $ cat /srv/old.size
  step purge "Delete the old one" {
    $ rm -rf /srv/old
    irreversible "there is no copy"
  }
  check up
}

phase last "Last" {
  on failure rollback
  step stats "Count what was done" {
    $ printf '%s\n' "$size" >>/srv/stats
    optional "only for the statistics"
    undo     $ sed -i '$d' /srv/stats
  }
  step tidy "Tidy up" {
    $ printf '%s\n' "$size" >/srv/saved
    optional "only for the statistics"
    undo     "nobody needs it"
  }
  check calm
}

rollback "Back" {
  step restart "Restart what was before" {
    $ systemctl restart demo
  }
  verify up, calm
}

expect probe calm in before fails -> stopped
expect probe extra fails          -> done
expect capture old fails          -> stopped
expect confirm go declined        -> declined
expect probe up in before fails   -> stopped
expect probe warm fails           -> stopped
expect hold soak fails            -> stopped
expect step config fails          -> rolled back verified
expect probe calm in work fails   -> rolled back verified
expect probe up in work fails     -> rolled back verified
expect capture now fails          -> rolled back verified
expect step switch fails          -> rolled back verified
expect step load fails            -> rolled back verified
expect capture size fails         -> rolled back verified
expect step purge fails           -> paused
expect probe up in finish fails   -> paused
expect step stats fails           -> done
expect step tidy fails            -> done
expect probe calm in last fails   -> rolled back unproven
expect kill in step tidy          -> resumable
expect kill in step config        -> resumable
expect kill in step switch        -> resumable
expect kill in step switch        -> rolled back verified
expect kill in step purge         -> paused
expect kill in step purge         -> rolled back unproven
expect kill in undo config        -> rolled back unproven
expect undo config fails          -> person needed
expect undo switch fails          -> person needed
expect undo stats fails           -> person needed
expect kill in step stats         -> resumable
expect verify up fails            -> person needed
expect verify calm fails          -> person needed
expect step restart fails         -> person needed
