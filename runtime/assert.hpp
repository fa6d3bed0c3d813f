/// Our own bugs. These checks stay on in release: a ledger that would make or lose money stops
/// instead.
#pragma once

namespace tally {

[[noreturn]] void fault(const char* what);

} // namespace tally

#define TALLY_ASSERT(condition, what)                                                              \
    do {                                                                                           \
        if (!(condition)) ::tally::fault(what);                                                    \
    } while (false)
