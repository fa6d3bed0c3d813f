// Any bytes as source text: the compiler complains or not, it never falls over. Only reading and
// checking, so that many inputs go through in a second.
#include "compiler/compile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 64 * 1024) return 0;
    const auto c = tally::check_text("fuzz.tally", std::string(tally::as_text({data, size})));
    for (const auto& d : c->sink.sorted()) (void)tally::render(c->sources, d, tally::Colour::Off);
    return 0;
}
