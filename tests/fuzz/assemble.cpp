// Any text: what assembles is listed and assembled again without a change.
#include "vm/bytecode/assemble.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto first = tally::assemble(tally::as_text({data, size}));
    const auto* module = std::get_if<tally::Module>(&first);
    if (module == nullptr) return 0;
    const auto second = tally::assemble(tally::disassemble(*module));
    const auto* again = std::get_if<tally::Module>(&second);
    if (again == nullptr || !(*again == *module)) std::abort();
    return 0;
}
