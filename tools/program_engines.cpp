#include "tools/program_run.hpp"

namespace tally {

const std::vector<NamedEngine>& program_engines() {
    static const std::vector<NamedEngine> table{*engine_by_name("interpreter"), *engine_by_name("template")};
    return table;
}

} // namespace tally
