// The interpreter of this program has the canaries: it is linked in place of the product's.
#include "tests/tri/engines.hpp"

#include "tests/tri/reference.hpp"

namespace tally::tri {

const std::vector<EngineRow>& engines() {
    static const std::vector<EngineRow> rows{
        {"reference", [](const std::shared_ptr<const Program>& p) { return Prepared{p, reference}; }},
        {"interpreter with a canary", [](const std::shared_ptr<const Program>& p) { return Prepared{p, interpret}; }},
    };
    return rows;
}

} // namespace tally::tri
