/// The commands of `tally`, by what they need.
#pragma once

namespace CLI {
class App;
}

namespace tally {

void add_compiler_commands(CLI::App& app); ///< check, build, test, explain, rights: no ledger
void add_cost_command(CLI::App& app);     ///< cost
void add_sandbox_command(CLI::App& app);  ///< sandbox: a ledger in memory
void add_simulate_command(CLI::App& app); ///< simulate: a test as a scenario
void add_ledger_commands(CLI::App& app);   ///< keys, deploy, call, query, …: a running node
void add_member_commands(CLI::App& app);   ///< propose, vote, enact, sign, send: members of a shared ledger
void add_program_commands(CLI::App& app);  ///< ir, exec: programs that are no contracts
void add_vectors_command(CLI::App& app);   ///< vectors: published contract cases, on a ledger in memory

} // namespace tally
