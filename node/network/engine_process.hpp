/// The engine as a child of this process: started, watched, started again, stopped. It dies with its parent, whatever
/// happens to that.
#pragma once

#include "node/errors.hpp"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <thread>

namespace tally {

class EngineProcess {
public:
    static constexpr const char* version = "0.38.25"; ///< the only one that is run

    struct Options {
        std::filesystem::path program, home;
        std::function<void(const std::string& line)> log; ///< each line of its log, one JSON object; from a thread of its own
    };
    /// Where `cometbft` is: what was asked for, else on PATH, else where `go install` puts it. The right version, or
    /// an error.
    [[nodiscard]] static Result<std::filesystem::path> find(const std::string& asked);

    /// Starts it. When it ends by itself it is started again, later each time; when it says that the ledger differs
    /// from the others' the node is stopped.
    explicit EngineProcess(Options options);
    /// Asks it to end, and after ten seconds makes it.
    ~EngineProcess();
    EngineProcess(const EngineProcess&) = delete;
    EngineProcess& operator=(const EngineProcess&) = delete;

private:
    void run();
    void live_once();
    void read_log(int file);
    [[nodiscard]] bool stopping();

    const Options options_;
    std::mutex mutex_;
    std::condition_variable wake_;
    pid_t child_ = -1;
    bool stopping_ = false;
    std::thread thread_; ///< starts the child too: the child dies when the thread that made it ends
};

} // namespace tally
