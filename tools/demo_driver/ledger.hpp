/// A ledger to live a tape on: of one node, or of a network of institutions on this machine.
#pragma once

#include "tools/demo_driver/node.hpp"

#include "runtime/transaction.hpp"

#include <memory>
#include <vector>

namespace tally::demo {

class Ledger {
public:
    struct Place {
        std::string work, tallyd; ///< folder for everything; the node's program
        std::size_t institutions = 0; ///< nodes that order together; 0: one that orders alone
    };
    /// Initialised in a fresh folder, with the registrar's key, and started.
    Ledger(const Place& place, const std::string& name, Date start);

    [[nodiscard]] const SigningKey& keys() const { return keys_; }
    /// The node that the tape is lived on.
    [[nodiscard]] NodeProcess& node() { return *nodes_.front(); }
    [[nodiscard]] const std::vector<std::unique_ptr<NodeProcess>>& nodes() const { return nodes_; }

private:
    SigningKey keys_;
    std::vector<std::unique_ptr<NodeProcess>> nodes_;
};

/// All nodes have come to this root, or not within a minute; and the first banks' statements, each of its own node,
/// hold against what another node says. Prints what it finds; how many do not agree.
[[nodiscard]] std::size_t compare_nodes(const Ledger& ledger, const Ledger::Place& place, u64 height, const std::string& root);

} // namespace tally::demo
