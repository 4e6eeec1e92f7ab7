// arc4random and arc4random_buf for the libraries of Debian 12 that a release carries (libarchive, libstdc++): there they are symbols of
// glibc 2.36, which Ubuntu 22.04 (2.35) has not. Hidden: whoever else asks for them gets glibc's.
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/random.h>

#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN void arc4random_buf(void* buffer, size_t size) {
  char* next = buffer;
  while (size > 0) {
    ssize_t got = getrandom(next, size, 0);
    if (got < 0 && errno != EINTR) abort();  // the callers know no failure, and no weaker source would do
    if (got < 0) continue;
    next += got;
    size -= (size_t)got;
  }
}

HIDDEN unsigned int arc4random(void) {
  unsigned int value;
  arc4random_buf(&value, sizeof value);
  return value;
}
