/* A clock that can be put ahead while a script runs: every bash asks for the time and is told what /run/world/ahead says, in
 * seconds, on top of it. Other programs (curl, git, docker) know nothing of it. Preloaded: LD_PRELOAD. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long ahead(void) {
  char text[32] = {0};
  int file;
  if (strcmp(program_invocation_short_name, "bash") != 0) return 0;
  file = open("/run/world/ahead", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
  close(file);
  return atol(text);
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int ended = (int)syscall(SYS_gettimeofday, now, zone);
  if (ended == 0) now->tv_sec += ahead();
  return ended;
}

time_t time(time_t *where) {
  struct timeval now;
  gettimeofday(&now, NULL);
  if (where != NULL) *where = now.tv_sec;
  return now.tv_sec;
}
