/// A tree in memory with every version, and the rows under it.
#pragma once

#include "tree/prove.hpp"
#include "tree/update.hpp"

#include <doctest/doctest.h>

#include <map>

namespace tally::tree {

class MemoryTree final : public NodeSource, public RowSource {
public:
    NodePtr node(const NodeKey& key) const override {
        const auto found = nodes.find(key.bytes());
        REQUIRE(found != nodes.end());
        Node out;
        REQUIRE(decode(found->second, out));
        REQUIRE(encode(out) == found->second);
        return std::make_shared<const Node>(std::move(out));
    }
    Bytes value(const Bytes& key) const override { return rows.at(key); }

    Hash apply(const std::map<Bytes, std::optional<Bytes>>& writes) {
        std::vector<Change> changes;
        for (const auto& [key, value] : writes) {
            changes.push_back(value ? put(key, *value) : erase(key));
            if (value) rows[key] = *value;
            else rows.erase(key);
        }
        const auto before = version == 0 ? std::nullopt : std::optional(version);
        const Update done = update(*this, before, version + 1, std::move(changes));
        ++version;
        for (const auto& [key, node] : done.written) CHECK(nodes.emplace(key.bytes(), encode(*node)).second);
        for (const NodeKey& key : done.stale) stale.emplace_back(version, key);
        return done.root;
    }
    Prover prover() const { return {*this, *this, version}; }

    std::map<Bytes, Bytes> nodes, rows;
    std::vector<std::pair<u64, NodeKey>> stale;
    u64 version = 0;
};

} // namespace tally::tree
