#include "tests/tri/engines.hpp"

#include "tests/tri/reference.hpp"
#include "vm/engine/machine.hpp"
#include "vm/engine/native/native.hpp"

namespace tally::tri {

const std::vector<EngineRow>& engines() {
    static const std::vector<EngineRow> rows{
        {"reference", [](const std::shared_ptr<const Program>& p) { return Prepared{p, reference}; }},
        {"interpreter", [](const std::shared_ptr<const Program>& p) { return Prepared{p, interpret}; }},
        {"machine code", [](const std::shared_ptr<const Program>& p) {
             auto native = on_native_code(p);
             const Engine engine = native->engine;
             return Prepared{std::move(native), engine};
         }},
    };
    return rows;
}

} // namespace tally::tri
