#include "tests/tri/engines.hpp"

#include "tests/tri/reference.hpp"
#include "vm/engine/native/native.hpp"

namespace tally::tri {
namespace {

/// What verifies compiles, and to no more than its bound: on a processor that has a template compiler at all.
Prepared on_machine_code(const std::shared_ptr<const Program>& p) {
    auto native = on_native_code(p);
#if defined(__x86_64__)
    promise(native_code_bytes(*native) > 0, "a program that verifies has no machine code");
#endif
    const Engine engine = native->engine;
    return {std::move(native), engine};
}

} // namespace

const std::vector<EngineRow>& engines() {
    static const std::vector<EngineRow> rows{
        {"reference", [](const std::shared_ptr<const Program>& p) { return Prepared{p, reference}; }},
        {"interpreter", [](const std::shared_ptr<const Program>& p) { return Prepared{p, interpret}; }},
        {"machine code", on_machine_code},
    };
    return rows;
}

} // namespace tally::tri
