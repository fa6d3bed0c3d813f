/// A `tallyd` of our own: started, killed, started again.
#pragma once

#include <string>
#include <sys/types.h>

namespace tally::demo {

class NodeProcess {
public:
    NodeProcess(std::string binary, std::string directory) : binary_(std::move(binary)), directory_(std::move(directory)) {}
    ~NodeProcess() { stop(); }
    NodeProcess(const NodeProcess&) = delete;
    NodeProcess& operator=(const NodeProcess&) = delete;

    /// Starts it on a free port and waits until it listens. Empty on success, else what went wrong.
    [[nodiscard]] std::string start();
    void kill_nine(); ///< no warning, no flush
    void stop();      ///< finishes the block, then ends
    [[nodiscard]] const std::string& url() const { return url_; }

private:
    std::string binary_, directory_, url_;
    pid_t process_ = -1;
};

} // namespace tally::demo
