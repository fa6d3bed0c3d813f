/// The commands of `tally` that ask a ledger and change nothing.
#pragma once

#include "tools/ledger_session.hpp"

namespace CLI {
class App;
}

namespace tally {

void add_queries(CLI::App& app);
/// `--node`, `--tls-…`
void add_connection(CLI::App& command, LedgerOptions& options);
/// Arguments of an entry of an instance, encoded.
[[nodiscard]] Result<Bytes> arguments_for(LedgerSession& session, InstanceId instance,
                                          const std::string& entry, const std::string& json);

} // namespace tally
