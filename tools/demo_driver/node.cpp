#include "tools/demo_driver/node.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace tally::demo {

std::string NodeProcess::start() {
    const auto port_file = directory_ + "/api.port";
    ::unlink(port_file.c_str());
    std::fflush(nullptr); // or the child writes our lines again
    process_ = fork();
    if (process_ < 0) return "no process could be started";
    if (process_ == 0) {
        const auto log = directory_ + "/tallyd.log";
        if (std::freopen(log.c_str(), "a", stdout) == nullptr || std::freopen(log.c_str(), "a", stderr) == nullptr) _exit(127);
        execl(binary_.c_str(), "tallyd", "start", directory_.c_str(), "--listen", "127.0.0.1:0", "--log-level", "warn", static_cast<char*>(nullptr));
        _exit(127);
    }
    for (int tries = 0; tries < 1200; ++tries) {
        std::ifstream in(port_file);
        std::string port;
        if (in >> port && !port.empty()) {
            url_ = "http://127.0.0.1:" + port.substr(port.rfind(':') + 1);
            return "";
        }
        if (waitpid(process_, nullptr, WNOHANG) == process_) {
            process_ = -1;
            return "tallyd ended at once; see " + directory_ + "/tallyd.log";
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return "tallyd did not begin to listen within 30 seconds; see " + directory_ + "/tallyd.log";
}

void NodeProcess::kill_nine() {
    if (process_ <= 0) return;
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
}

void NodeProcess::stop() {
    if (process_ <= 0) return;
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
    process_ = -1;
}

} // namespace tally::demo
