#include "tests/tri/engines.hpp"

#include "tests/tri/reference.hpp"

namespace tally::tri {

const std::vector<EngineRow>& engines() {
    static const std::vector<EngineRow> rows{
        {"reference", [](const std::shared_ptr<const Program>& p) { return Prepared{p, reference}; }},
        {"interpreter", [](const std::shared_ptr<const Program>& p) { return Prepared{p, interpret}; }},
    };
    return rows;
}

} // namespace tally::tri
