// How often to look at work that no driver's call waits for with a time limit.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace heddle::runtime {

/// Between two looks at work that has been waited for as long as `waited`: short work is waited for without
/// giving up the processor, longer work is seen to have ended a sixteenth of its time late, or a millisecond.
inline void pause_polling(std::chrono::steady_clock::duration waited) {
    using std::chrono::microseconds;
    if (waited < microseconds(500)) return;
    std::this_thread::sleep_for(
        std::min<std::chrono::steady_clock::duration>(waited / 16, microseconds(1000)));
}

}  // namespace heddle::runtime
