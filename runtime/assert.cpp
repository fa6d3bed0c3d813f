#include "runtime/assert.hpp"

#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace tally {

void fault(const char* what) {
    // No stream and no allocation: this must work when little else does.
    const char* const parts[] = {"tallystick: fault: ", what, "\n"};
    for (const char* part : parts)
        if (::write(STDERR_FILENO, part, std::strlen(part)) < 0) break;
    std::abort();
}

} // namespace tally
