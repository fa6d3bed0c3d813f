/// `node.sock` in the ledger's directory: what its owner may ask of the running node and nobody else. The file's
/// permissions are the authority; the peer's user is looked at too.
///
///   request   `checkpoint\n`
///   answer    `ok HEIGHT ROOT\n`, or `error CODE detail\n`
///
/// The checkpoint is in the folder `checkpoint` of the directory until the peer closes the connection.
#pragma once

#include "node/chain.hpp"

#include <thread>

namespace tally {

class AdminSocket {
public:
    /// The chain must outlive it.
    [[nodiscard]] static Result<std::unique_ptr<AdminSocket>> start(const std::filesystem::path& directory, const Chain& chain);
    ~AdminSocket();
    AdminSocket(const AdminSocket&) = delete;
    AdminSocket& operator=(const AdminSocket&) = delete;

private:
    AdminSocket(std::filesystem::path directory, const Chain& chain, int listener, int stop);
    void run();
    void serve(int peer);
    /// False when it is time to stop.
    [[nodiscard]] bool readable(int file) const;

    std::filesystem::path directory_;
    const Chain& chain_;
    int listener_, stop_;
    std::thread thread_;
};

/// A connection to the node that runs in a directory.
[[nodiscard]] Result<int> connect_to_admin(const std::filesystem::path& directory);

inline constexpr const char* checkpoint_folder = "checkpoint";

} // namespace tally
