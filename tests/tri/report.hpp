/// What a session saw, for people and for programs.
#pragma once

#include "tests/tri/session.hpp"

namespace tally::tri {

void print(const Session& session, i64 milliseconds);
void write_json(const std::string& path, const Session& session, i64 milliseconds);
/// Every operation of the table ran to its end, and every Pure host function answered.
[[nodiscard]] bool everything_met();

} // namespace tally::tri
