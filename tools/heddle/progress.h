// Progress: one line on the terminal that says what is being waited for, once that takes longer than a
// second.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "context.h"

namespace heddle::tool {

/// Shows nothing when standard error is no terminal. The line is wiped when the object ends.
class Progress {
  public:
    explicit Progress(const Context& context);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// What is being done now: "compiling for cpu:0".
    void say(std::string what);

  private:
    void show();

    std::mutex mutex_;
    std::condition_variable ended_;
    std::string what_;
    bool end_ = false;
    std::thread thread_;
};

}  // namespace heddle::tool
