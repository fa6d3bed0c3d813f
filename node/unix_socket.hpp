/// Unix sockets that only their user can connect to. A path may be of any length, its last name has at most 60 bytes.
#pragma once

#include "node/errors.hpp"

#include <filesystem>

namespace tally {

/// Listens, in place of what a process that was killed left. The descriptor, which is the caller's to close, or
/// CannotListen with the reason.
[[nodiscard]] Result<int> listen_at(const std::filesystem::path& socket, int backlog);
/// The descriptor, which is the caller's to close, or CannotConnect with the reason.
[[nodiscard]] Result<int> connect_to(const std::filesystem::path& socket);

} // namespace tally
