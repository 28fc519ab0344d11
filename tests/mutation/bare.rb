# What the subject does not have: a way to choose, a task for a person, conditions, no proof of the way back.

runbook bare {
  title "A choice, a task and no proof"
}

param word string {
  matches '^[a-z]+$'
}

probe up "It answers" {
  file /srv/up
}

probe wanted "It is wanted" {
  file /srv/wanted
}

phase work "Work" {
  choose way "Which way" {
    option short "The short one" default {
      step cut "Cut it" {
        $ printf '%s\n' "$word" >/srv/cut
        undo rollback
      }
    }
    option long "The long one" {
      step walk "Walk it" {
        $ printf '%s\n' "$word" >/srv/walk
        undo $ rm /srv/walk
      }
    }
  }
  manual cable "Plug the cable in" {
    undo "Unplug it."
  }
  check up
}

phase extra "Extra" {
  when wanted
  step hint "A hint" {
    when wanted
    $ touch /srv/hint
    optional "a hint for the curious"
    undo $ rm /srv/hint
  }
  step more "More of it" {
    $ touch /srv/more
    undo $ rm /srv/more
  }
}

rollback "Back" {
  step again "As it was" {
    $ touch /srv/was
  }
}
