#include "tests/bench/vm/engines.hpp"
#include "tests/bench/vm/subjects.hpp"

#include "tools/source_files.hpp"

namespace tally::bench {

std::vector<Row> loading(int rounds, const std::string& contracts) {
    (void)rounds;
    (void)contracts;
    return {};
}

} // namespace tally::bench
