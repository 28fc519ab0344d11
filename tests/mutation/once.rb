# What neither of the others has: nothing but what stays.

runbook once {
  title "A letter"
}

probe up "It answers" {
  file /srv/up
}

phase post "Post" {
  step letter "Send it" {
    $ printf 'letter\n' >/srv/post
    irreversible "it is in the post"
  }
  check up
}

expect step letter fails -> paused
