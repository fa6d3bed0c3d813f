#include "node/network/engine_process.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace tally {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto first_pause = std::chrono::milliseconds(500), last_pause = std::chrono::milliseconds(10'000);
constexpr auto lived_well = std::chrono::seconds(30); ///< then the next pause is the first again
constexpr auto time_to_end = std::chrono::seconds(10);
constexpr std::size_t line_max = 64U << 10;

/// What the engine says when its block and this ledger do not agree: going on would not mend it.
constexpr std::string_view differs[] = {"wrong Block.Header.AppHash", "CONSENSUS FAILURE", "state.AppHash does not match", "AppHash does not match"};

class Pipe {
public:
    Pipe() { open_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
    ~Pipe() {
        close_end(0);
        close_end(1);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] int out() const { return ends_[0]; }
    [[nodiscard]] int in() const { return ends_[1]; }
    void close_in() { close_end(1); }

private:
    void close_end(std::size_t end) {
        if (open_ && ends_[end] >= 0) ::close(std::exchange(ends_[end], -1));
    }
    std::array<int, 2> ends_{-1, -1};
    bool open_ = false;
};

/// In the child: nothing of this process goes along but where to write to. Only what may be called after a fork.
[[noreturn]] void become(const char* const* arguments, const char* const* environment, const char* folder, int output) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::setpgid(0, 0); // a Ctrl-C is the parent's to pass on
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (::chdir(folder) != 0 || nothing < 0 || ::dup2(nothing, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) ::_exit(127);
    ::execve(arguments[0], const_cast<char* const*>(arguments), const_cast<char* const*>(environment));
    ::_exit(127);
}

/// Runs a program with its output in `output`; -1 when it could not be forked.
pid_t start(const std::filesystem::path& program, std::initializer_list<std::string> parameters, const std::filesystem::path& folder, int output) {
    // Everything that allocates is done before the fork: other threads may hold the allocator.
    std::vector<std::string> texts{program.string()};
    texts.insert(texts.end(), parameters);
    std::vector<const char*> arguments;
    for (const std::string& text : texts)
        arguments.push_back(text.c_str());
    arguments.push_back(nullptr);
    const char* const path = std::getenv("PATH");
    const std::string path_line = std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin");
    const char* const environment[] = {path_line.c_str(), "LC_ALL=C", nullptr};
    const std::string where = folder.string();
    const pid_t child = ::fork();
    if (child == 0) become(arguments.data(), environment, where.c_str(), output);
    return child;
}

std::string first_line_of(const std::filesystem::path& program) {
    Pipe pipe;
    if (!pipe.is_open()) return {};
    const pid_t child = start(program, {"version"}, "/", pipe.in());
    pipe.close_in();
    std::array<char, 256> text{};
    std::string out;
    for (ssize_t count = 0; child > 0 && (count = ::read(pipe.out(), text.data(), text.size())) > 0;)
        out.append(text.data(), static_cast<std::size_t>(count));
    if (child > 0) ::waitpid(child, nullptr, 0);
    return out.substr(0, out.find('\n'));
}

std::vector<std::filesystem::path> places_of(const std::string& asked) {
    if (!asked.empty()) return {asked};
    std::vector<std::filesystem::path> out;
    const char* const path = std::getenv("PATH");
    std::string_view left = path != nullptr ? path : "";
    while (!left.empty()) {
        const auto colon = left.find(':');
        out.push_back(std::filesystem::path(left.substr(0, colon)) / "cometbft");
        left = colon == std::string_view::npos ? "" : left.substr(colon + 1);
    }
    if (const char* const go = std::getenv("GOPATH")) out.push_back(std::filesystem::path(go) / "bin/cometbft");
    if (const char* const home = std::getenv("HOME")) out.push_back(std::filesystem::path(home) / "go/bin/cometbft");
    return out;
}

} // namespace

Result<std::filesystem::path> EngineProcess::find(const std::string& asked) {
    std::string others;
    for (const std::filesystem::path& place : places_of(asked)) {
        if (::access(place.c_str(), X_OK) != 0) continue;
        const std::string found = first_line_of(place);
        if (found == version) return std::filesystem::absolute(place);
        others += fmt::format("; {} is `{}`", place.string(), found);
    }
    return NodeError{NodeCode::EngineMissing, fmt::format("cometbft {}{}", version, others.empty() && !asked.empty() ? "; nothing at " + asked : others)};
}

EngineProcess::EngineProcess(Options options) : options_(std::move(options)), thread_([this] { run(); }) {}

EngineProcess::~EngineProcess() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (child_ > 0) ::kill(child_, SIGTERM);
    }
    wake_.notify_all();
    std::thread last([this] { // if it does not end by itself
        std::unique_lock lock(mutex_);
        if (!wake_.wait_for(lock, time_to_end, [this] { return child_ <= 0; })) ::kill(child_, SIGKILL);
    });
    thread_.join();
    last.join();
}

bool EngineProcess::stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void EngineProcess::run() {
    auto pause = first_pause;
    while (!stopping()) {
        const auto begin = Clock::now();
        live_once();
        if (Clock::now() - begin > lived_well) pause = first_pause;
        std::unique_lock lock(mutex_);
        if (stopping_) return;
        wake_.wait_for(lock, pause, [this] { return stopping_; });
        pause = std::min(pause * 2, last_pause);
    }
}

void EngineProcess::live_once() {
    Pipe pipe;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        child_ = pipe.is_open() ? start(options_.program, {"start", "--home", "."}, options_.home, pipe.in()) : -1;
        if (child_ <= 0) return options_.log(fmt::format(R"({{"level": "error", "_msg": "the engine cannot be started: {}"}})", std::strerror(errno)));
    }
    pipe.close_in();
    read_log(pipe.out());
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {}
    const std::lock_guard lock(mutex_);
    child_ = -1;
    wake_.notify_all();
    if (stopping_) return;
    const std::string how = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status)) : fmt::format("exit code {}", WEXITSTATUS(status));
    options_.log(fmt::format(R"({{"level": "error", "_msg": "the engine has ended, {}"}})", how));
}

void EngineProcess::read_log(int file) {
    std::array<char, 8192> piece{};
    std::string text;
    for (ssize_t count = 0; (count = ::read(file, piece.data(), piece.size())) > 0 || (count < 0 && errno == EINTR);) {
        if (count < 0) continue;
        text.append(piece.data(), static_cast<std::size_t>(count));
        for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos || text.size() > line_max;) {
            const std::string line = text.substr(0, std::min(end, line_max));
            text.erase(0, end == std::string::npos ? line_max : end + 1);
            options_.log(line);
            for (const std::string_view words : differs)
                if (line.find(words) != std::string::npos && !stopping()) stop_node({NodeCode::EngineFailed, "it says that this ledger differs from the others': " + line});
        }
    }
}

} // namespace tally
