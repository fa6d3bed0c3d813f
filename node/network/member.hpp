/// A node's part in a network: the driver, the door for the engine, and the engine itself.
#pragma once

#include "node/ordering/ordering.hpp"
#include "node/ordering/watch.hpp"

#include <filesystem>
#include <memory>

namespace tally {

inline constexpr const char* member_file = "tally.toml";
inline constexpr const char* engine_folder = "engine";

/// Whether the directory's node orders with others.
[[nodiscard]] inline bool in_network(const std::filesystem::path& directory) { return std::filesystem::exists(directory / member_file); }

class Member {
public:
    struct Options {
        std::filesystem::path directory;         ///< of the node
        std::string engine_program{};            ///< where `cometbft` is; empty: on PATH or where Go puts it
        std::vector<OrderingWatch*> watches{};   ///< outlive this
    };
    /// The engine is on its way when it returns: transactions that come earlier wait for it.
    [[nodiscard]] static Result<std::unique_ptr<Member>> start(Chain& chain, const Options& options);
    /// The engine ends first, then its door is closed.
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    [[nodiscard]] Ordering& ordering();

private:
    struct Parts;
    explicit Member(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

} // namespace tally
