// Any bytes as source text, and what the checker accepts goes all the way: it lowers, optimises, emits
// and verifies, or says why not.
#include "compiler/compile.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 64 * 1024) return 0;
    const auto c = tally::check_text("fuzz.tally", std::string(tally::as_text({data, size})));
    if (!c->sink.empty()) return 0;
    const auto built = tally::build(*c, tally::Tests::Include, tally::Optimise::Full);
    // A module, or a complaint; never neither.
    if (built.bytes.empty() && c->sink.empty()) std::abort();
    return 0;
}
