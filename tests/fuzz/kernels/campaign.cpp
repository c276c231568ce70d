// The processes of a campaign. A worker writes how far it is into memory that this process shares; when it
// dies, the kernel that it ran is the finding and the rest of its batch goes on in another worker. When it
// dies while it compiles, the batch is halved until one kernel is left to blame.
#include "campaign.h"

#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <heddle/error.h>
#include <chrono>
#include <cstring>
#include <deque>
#include <list>
#include <new>
#include <optional>
#include <thread>

#include "packaged.h"

namespace heddle::fuzz {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Without a step for so long, a worker hangs. One step of compilation is a form of several kernels.
constexpr std::chrono::seconds longest_run{60}, longest_compilation{600};

// One batch in a process of its own.
class Worker {
  public:
    Worker(const Settings& settings, const Batch& batch) : batch_(batch) {
        std::string folder = (fs::temp_directory_path() / "heddle-fuzz-XXXXXX").string();
        if (!mkdtemp(folder.data())) throw Error(ErrorCode::io, "no temporary folder can be made");
        folder_ = folder;
        void* shared =
            mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared == MAP_FAILED) throw std::bad_alloc();
        progress_ = new (shared) Progress;
        std::fflush(nullptr);
        process_ = fork();
        if (process_ < 0)
            throw Error(ErrorCode::io, fmt::format("no process can be made: {}", strerror(errno)));
        if (process_ == 0) work(settings);
        last_step_ = Clock::now();
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker() {
        if (process_ > 0) {
            kill(process_, SIGKILL);
            waitpid(process_, nullptr, 0);
        }
        munmap(progress_, sizeof(Progress));
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    const Batch& batch() const { return batch_; }
    const Progress& progress() const { return *progress_; }

    /// Why it ended, empty when all was well; nothing while it runs.
    std::optional<std::string> ended() {
        int status = 0;
        if (waitpid(process_, &status, WNOHANG) == process_) {
            process_ = 0;
            if (WIFSIGNALED(status))
                return hung_ ? "does not end" : fmt::format("crashed ({})", strsignal(WTERMSIG(status)));
            if (WEXITSTATUS(status) != 0) return std::string(progress_->where);
            return progress_->stage == Progress::Stage::finished ? "" : "ended without a result";
        }
        if (progress_->steps != steps_) {
            steps_ = progress_->steps;
            last_step_ = Clock::now();
        }
        const auto longest = progress_->stage == Progress::Stage::running ? longest_run : longest_compilation;
        if (!hung_ && Clock::now() - last_step_ > longest) {
            hung_ = true;
            kill(process_, SIGKILL);
        }
        return std::nullopt;
    }

  private:
    Batch batch_;
    fs::path folder_;
    Progress* progress_ = nullptr;  // placed in shared memory
    pid_t process_ = 0;
    std::uint64_t steps_ = 0;
    Clock::time_point last_step_;
    bool hung_ = false;

    [[noreturn]] void work(const Settings& settings) const {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int status = 0;
        try {
            run_batch(settings, batch_, folder_, *progress_);
            progress_->stage = Progress::Stage::finished;
        } catch (const std::exception& error) {
            fmt::print(stderr, "seeds {} to {}: {}\n", batch_.first, batch_.first + batch_.count - 1,
                       error.what());
            std::strncpy(progress_->where, error.what(), sizeof progress_->where - 1);
            status = 1;
        }
        std::fflush(nullptr);
        // Not exit(): what this process inherited is not its own to destroy.
        _exit(status);
    }
};

class Campaign {
  public:
    explicit Campaign(const Settings& settings) : settings_(settings), next_(settings.seed) {
        if (settings.packages.empty()) return;
        for (const Batch& batch : packaged_batches(settings)) waiting_.push_back(batch);
        next_ = settings.seed + settings.count;
    }

    Outcome run() {
        while (start_workers() || !workers_.empty()) {
            bool any = false;
            for (auto worker = workers_.begin(); worker != workers_.end();) {
                const std::optional<std::string> reason = worker->ended();
                if (!reason) {
                    ++worker;
                    continue;
                }
                any = true;
                if (!settle(*worker, *reason)) return outcome_;
                worker = workers_.erase(worker);
            }
            if (!any) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        outcome_.completed = true;
        return outcome_;
    }

  private:
    const Settings& settings_;
    std::uint64_t next_;         // the first seed that no batch has had
    std::deque<Batch> waiting_;  // what is left of batches that died
    std::list<Worker> workers_;
    Outcome outcome_;

    std::optional<Batch> take() {
        if (!waiting_.empty()) {
            const Batch batch = waiting_.front();
            waiting_.pop_front();
            return batch;
        }
        if (settings_.endless && outcome_.disagreements > 0) return std::nullopt;
        const std::uint64_t done = next_ - settings_.seed;
        if (!settings_.endless && done >= settings_.count) return std::nullopt;
        const Batch batch{
            next_, settings_.endless ? settings_.batch : std::min(settings_.batch, settings_.count - done)};
        next_ += batch.count;
        return batch;
    }

    bool start_workers() {
        bool any = false;
        while (workers_.size() < settings_.jobs) {
            const std::optional<Batch> batch = take();
            if (!batch) break;
            workers_.emplace_back(settings_, *batch);
            any = true;
        }
        return any;
    }

    // Counts what a worker did, and sees to what it left undone. False: nothing can be compared at all.
    bool settle(const Worker& worker, const std::string& reason) {
        const Batch& batch = worker.batch();
        const Progress& progress = worker.progress();
        outcome_.kernels += progress.kernels;
        outcome_.disagreements += progress.disagreements;
        outcome_.unsupported += progress.unsupported;
        if (!reason.empty()) {
            if (progress.stage == Progress::Stage::starting) return false;
            if (progress.stage == Progress::Stage::running) {
                blame(progress.seed, fmt::format("{}: {}", reason, progress.where));
                again(progress.seed + 1, batch.first + batch.count);
            } else if (batch.count == 1) {
                blame(batch.first, "while compiling: " + reason);
            } else {
                again(batch.first, batch.first + batch.count / 2);
                again(batch.first + batch.count / 2, batch.first + batch.count);
            }
        }
        fmt::print(stderr, "{} kernels, {} disagreements (seeds {} to {})\n", outcome_.kernels,
                   outcome_.disagreements, batch.first, batch.first + batch.count - 1);
        return true;
    }

    void again(std::uint64_t first, std::uint64_t end) {
        if (first < end) waiting_.push_back({first, end - first});
    }

    void blame(std::uint64_t seed, const std::string& problem) {
        ++outcome_.kernels;
        ++outcome_.disagreements;
        keep_finding(settings_, seed, problem);
    }
};

}  // namespace

Outcome run_campaign(const Settings& settings) {
    return Campaign(settings).run();
}

}  // namespace heddle::fuzz
