// The engines of this program have the canaries: they are linked in place of the product's.
#include "tests/tri/engines.hpp"

#include "tests/tri/canary.hpp"
#include "tests/tri/reference.hpp"
#include "vm/engine/native/native.hpp"

namespace tally::tri {

bool on_machine_code = false;

const std::vector<EngineRow>& engines() {
    static const std::vector<EngineRow> rows{
        {"reference", [](const std::shared_ptr<const Program>& p) { return Prepared{p, reference}; }},
        {"engine with a canary", [](const std::shared_ptr<const Program>& p) {
             if (!on_machine_code) return Prepared{p, interpret};
             auto native = on_native_code(p);
             const Engine engine = native->engine;
             return Prepared{std::move(native), engine};
         }},
    };
    return rows;
}

} // namespace tally::tri
