// What a piece of code writes to standard output, through the C library or around it.
#pragma once

#include <cstdio>
#include <string>

#include <unistd.h>

namespace heddle::conformance {

/// Redirects file descriptor 1 into a temporary file for its lifetime.
class CapturedOutput {
  public:
    CapturedOutput() : file_(std::tmpfile()) {
        std::fflush(stdout);
        saved_ = dup(1);
        if (file_) dup2(fileno(file_), 1);
    }
    CapturedOutput(const CapturedOutput&) = delete;
    CapturedOutput& operator=(const CapturedOutput&) = delete;
    ~CapturedOutput() {
        restore();
        if (file_) std::fclose(file_);
    }
    /// Ends the redirection and gives all that was written.
    std::string text() {
        restore();
        std::string all;
        if (!file_) return all;
        std::rewind(file_);
        for (int c; (c = std::fgetc(file_)) != EOF;) all += static_cast<char>(c);
        return all;
    }

  private:
    void restore() {
        if (saved_ < 0) return;
        std::fflush(stdout);
        dup2(saved_, 1);
        close(saved_);
        saved_ = -1;
    }
    std::FILE* file_;
    int saved_ = -1;
};

}  // namespace heddle::conformance
