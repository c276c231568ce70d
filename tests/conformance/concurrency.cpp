// Cases on queues, events and host threads: order within a queue, order between queues through events, and
// everything at once from many threads.
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "conformance/case.h"

namespace heddle::conformance {
namespace {

constexpr int size = 5000;
constexpr LaunchConfig config{{40}, {128}, 0};

/// Runs `body(index)` on that many threads at once; the first exception is thrown again here.
void on_threads(unsigned count, const std::function<void(unsigned)>& body) {
    std::exception_ptr first;
    std::mutex mutex;
    std::vector<std::thread> threads;
    std::atomic<unsigned> ready{0};
    for (unsigned i = 0; i < count; ++i)
        threads.emplace_back([&, i] {
            ++ready;
            while (ready < count) std::this_thread::yield();
            try {
                body(i);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!first) first = std::current_exception();
            }
        });
    for (std::thread& thread : threads) thread.join();
    if (first) std::rethrow_exception(first);
}

unsigned after_rounds(unsigned x, unsigned rounds) {
    for (unsigned r = 0; r < rounds; ++r) x = x * 1664525u + 1013904223u;
    return x;
}

void order_in_queue(Context& t) {
    Buffer data = t.zeros<unsigned>(size);
    const Kernel k = t.kernel("times_plus");
    unsigned want = 0;
    for (unsigned i = 0; i < 300; ++i) {
        t.queue().launch(k, config, data, i * 2 + 3, i, size);
        want = want * (i * 2 + 3) + i;
    }
    t.queue().synchronize();
    t.equal(t.download<unsigned>(data), std::vector<unsigned>(size, want), "300 launches");
}

void copies_and_launches(Context& t) {
    std::vector<int> in = t.uniform<int>(size, -1000, 1000), out(size), middle(size);
    Buffer a = t.zeros<int>(size), b = t.zeros<int>(size);
    const std::size_t bytes = size * sizeof(int);
    Queue& q = t.queue();
    q.write(a, in.data(), bytes);
    q.launch(t.kernel("copy_plus"), config, a, b, 5, size);
    q.read(b, middle.data(), bytes);
    q.copy(a, 0, b, 0, bytes);
    q.launch(t.kernel("add"), config, a, 100, size);
    q.fill(b, 0xff, bytes);
    q.launch(t.kernel("add"), config, b, 1, size);
    q.read(a, out.data(), bytes);
    q.synchronize();
    std::vector<int> want(in);
    for (int& v : want) v += 5;
    t.equal(middle, want, "read between launches");
    for (int& v : want) v += 100;
    t.equal(out, want, "read at the end");
    t.equal(t.download<int>(b), std::vector<int>(size, 0), "filled, then incremented");
}

void several_queues(Context& t) {
    std::vector<Queue> queues;
    std::vector<Buffer> buffers;
    for (int i = 0; i < 6; ++i) {
        queues.push_back(t.device().create_queue());
        buffers.push_back(t.zeros<unsigned>(size));
    }
    const Kernel k = t.kernel("work");
    for (unsigned round = 1; round <= 10; ++round)
        for (std::size_t i = 0; i < queues.size(); ++i)
            queues[i].launch(k, config, buffers[i], round * 10 + static_cast<unsigned>(i), size);
    for (std::size_t i = 0; i < queues.size(); ++i) {
        queues[i].synchronize();
        std::vector<unsigned> want(size);
        for (unsigned n = 0; n < size; ++n) want[n] = after_rounds(n + 1, 100 + static_cast<unsigned>(i));
        t.equal(t.download<unsigned>(buffers[i]), want, fmt::format("queue {}", i));
    }
}

void events_across_queues(Context& t) {
    Queue a = t.device().create_queue(), b = t.device().create_queue();
    Buffer data = t.zeros<unsigned>(size);
    const Kernel k = t.kernel("times_plus");
    unsigned want = 0;
    for (unsigned i = 0; i < 100; ++i) {
        Queue &now = i % 2 ? b : a, &next = i % 2 ? a : b;
        now.launch(k, config, data, 3u, i, size);
        want = want * 3 + i;
        next.wait(now.record());
    }
    a.synchronize();
    b.synchronize();
    t.equal(t.download<unsigned>(data), std::vector<unsigned>(size, want), "ping-pong");
}

void fork_and_join(Context& t) {
    Queue source = t.device().create_queue();
    Buffer first = t.zeros<int>(size), result = t.zeros<int>(size);
    const Kernel plus = t.kernel("copy_plus"), add = t.kernel("add");
    source.launch(add, config, first, 7, size);
    const Event ready = source.record();
    std::vector<Queue> branches;
    std::vector<Buffer> parts;
    std::vector<Event> done;
    for (int i = 0; i < 5; ++i) {
        branches.push_back(t.device().create_queue());
        parts.push_back(t.zeros<int>(size));
        branches.back().wait(ready);
        branches.back().launch(plus, config, first, parts.back(), i, size);
        done.push_back(branches.back().record());
    }
    for (const Event& e : done) source.wait(e);
    source.launch(plus, config, parts[4], result, 1000, size);
    source.synchronize();
    t.equal(t.download<int>(result), std::vector<int>(size, 1011), "joined");
    for (int i = 0; i < 5; ++i)
        t.equal(t.download<int>(parts[static_cast<std::size_t>(i)]), std::vector<int>(size, 7 + i), "branch");
}

void event_basics(Context& t) {
    Buffer out = t.zeros<unsigned>(size);
    const Kernel k = t.kernel("work");
    std::optional<Event> first, second;
    {
        Queue q = t.device().create_queue();
        first = q.record();
        q.launch(k, config, out, 2000u, size);
        second = q.record();
        second->wait();
        t.check(second->ready() && first->ready(), "an event that was waited for is not ready");
    }
    // events outlive their queue
    t.check(Event::elapsed_ms(*first, *second) > 0, "no time passed between the events");
    t.check(Event::elapsed_ms(*first, *first) == 0, "time passed between an event and itself");
    t.queue().wait(*second);
    t.queue().launch(t.kernel("work"), config, out, 1u, size);
    t.queue().synchronize();
    t.equal_value(t.download<unsigned>(out)[0], after_rounds(1, 1), "after an event of a queue that is gone");
}

void launches_are_asynchronous(Context& t) {
    Buffer flag = t.zeros<int>(1), out = t.zeros<int>(1);
    if (!flag.is_host_visible()) throw Skip{"the host cannot see this device's memory"};
    Queue q = t.device().create_queue();
    q.launch(t.kernel("wait_for_host"), {{1}, {1}}, flag, out);
    const Event event = q.record();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    t.check(!event.ready(), "the event is ready before its kernel can have ended");
    t.expect_error(ErrorCode::invalid_argument, {}, [&] { Event::elapsed_ms(event, event); });
    std::atomic_ref<int>(flag.view<int>()[0]).store(1);
    event.wait();
    t.equal_value(t.download<int>(out)[0], 1, "what the kernel saw");
}

void host_threads(Context& t) {
    const Kernel work = t.kernel("work"), shared = t.kernel("work_shared");
    on_threads(8, [&](unsigned thread) {
        Queue q = t.device().create_queue();
        for (unsigned round = 0; round < 20; ++round) {
            Buffer a = t.device().allocate(1280 * 4), b = t.device().allocate(1280 * 4);
            q.launch(work, {{10}, {128}}, a, thread + round, 1280);
            q.launch(shared, {{10}, {128}}, a, b, 3u);
            std::vector<unsigned> got(1280), tile(1280);
            q.read(b, got.data(), got.size() * 4);
            q.synchronize();
            for (unsigned i = 0; i < 1280; ++i) tile[i] = after_rounds(i + 1, thread + round);
            for (unsigned r = 0; r < 3; ++r) {
                const auto old = tile;
                for (std::size_t i = 0; i < 1280; ++i) tile[i] = old[i / 128 * 128 + (i + 1) % 128] * 3 + r;
            }
            if (got != tile)
                throw std::runtime_error(fmt::format("thread {} round {}: wrong result", thread, round));
        }
    });
}

void one_queue_many_threads(Context& t) {
    Buffer counter = t.zeros<int>(1);
    const Kernel k = t.kernel("count");
    on_threads(8, [&](unsigned) {
        for (int i = 0; i < 100; ++i) t.queue().launch(k, {{2}, {32}}, counter);
    });
    t.queue().synchronize();
    t.equal(t.download<int>(counter), {8 * 100 * 64}, "launches from 8 threads");
}

void buffers_freed_in_flight(Context& t) {
    Buffer kept = t.zeros<int>(size);
    const Kernel plus = t.kernel("copy_plus"), add = t.kernel("add");
    for (int i = 0; i < 50; ++i) {
        Buffer passing = t.device().allocate(size * sizeof(int));
        t.queue().fill(passing, 0, size * sizeof(int));
        t.queue().launch(add, config, passing, i, size);
        t.queue().launch(plus, config, passing, kept, 1, size);
    }  // each is freed while its commands may still run
    t.queue().synchronize();
    t.equal(t.download<int>(kept), std::vector<int>(size, 50), "the last buffer's values");
}

void program_freed_in_flight(Context& t) {
    Buffer data = t.zeros<int>(size);
    Queue q = t.device().create_queue();
    for (int i = 0; i < 4; ++i) {
        const Program p = t.load_again();
        q.launch(p.kernel("add"), config, data, 1, size);
        q.launch(p.kernel("add_to_total"), {{1}, {64}}, 1);
    }
    q.synchronize();
    t.equal(t.download<int>(data), std::vector<int>(size, 4), "programs that are gone");
}

void queue_destroyed_waits(Context& t) {
    Buffer data = t.zeros<int>(size);
    {
        Queue q = t.device().create_queue();
        for (int i = 0; i < 30; ++i) q.launch(t.kernel("add"), config, data, 1, size);
    }
    t.equal(t.download<int>(data), std::vector<int>(size, 30), "work of a destroyed queue");
}

void queue_moves(Context& t) {
    Buffer data = t.zeros<int>(size);
    Queue a = t.device().create_queue();
    a.launch(t.kernel("add"), config, data, 1, size);
    Queue b = std::move(a);
    b.launch(t.kernel("add"), config, data, 2, size);
    b.synchronize();
    t.equal(t.download<int>(data), std::vector<int>(size, 3), "moved queue");
}

void errors_stay_in_their_queue(Context& t) {
    Queue bad = t.device().create_queue(), good = t.device().create_queue();
    Buffer data = t.zeros<int>(size);
    for (int i = 0; i < 10; ++i) {
        bad.launch(t.kernel("fail_now"), {{1}, {1}});
        good.launch(t.kernel("add"), config, data, 1, size);
    }
    good.synchronize();
    t.expect_error(ErrorCode::launch_failed, {"fail_now"}, [&] { bad.synchronize(); });
    bad.launch(t.kernel("add"), config, data, 1, size);
    bad.synchronize();
    t.equal(t.download<int>(data), std::vector<int>(size, 11), "the other queue's work");
}

void failed_event_in_other_queue(Context& t) {
    Queue bad = t.device().create_queue(), other = t.device().create_queue();
    bad.launch(t.kernel("fail_now"), {{1}, {1}});
    const Event event = bad.record();
    other.wait(event);
    Buffer data = t.zeros<int>(size);
    other.launch(t.kernel("add"), config, data, 1, size);
    bool failed = false;
    try {
        other.synchronize();  // may throw what failed before the event, but must not hang
    } catch (const Error&) {
        failed = true;
    }
    t.expect_error(ErrorCode::launch_failed, {"fail_now"}, [&] { bad.synchronize(); });
    const int want = failed ? 0 : 1;
    t.equal(t.download<int>(data), std::vector<int>(size, want), "work behind a failed event");
}

void same_program_on_many_queues(Context& t) {
    const Program p = t.load_again();
    const Kernel k = p.kernel("add_to_total");
    on_threads(6, [&](unsigned) {
        Queue q = t.device().create_queue();
        for (int i = 0; i < 30; ++i) q.launch(k, {{4}, {64}}, 1);
        q.synchronize();
    });
    int total = 0;
    p.read_global("total", &total, 4);
    t.equal_value(total, 6 * 30 * 256, "total");
}

void kernels_looked_up_at_once(Context& t) {
    const Program p = t.load_again();
    on_threads(8, [&](unsigned thread) {
        for (unsigned i = 0; i < 8; ++i) {
            const unsigned which = (thread + i) % 8;
            Queue q = t.device().create_queue();
            Buffer out = t.device().allocate(64 * 4);
            std::vector<int> got(64);
            q.launch(p.kernel(fmt::format("many_{}", which)), {{1}, {64}}, out);
            q.read(out, got.data(), 256);
            q.synchronize();
            for (int k = 0; k < 64; ++k)
                if (got[static_cast<std::size_t>(k)] != static_cast<int>(which) * 1000 + k)
                    throw std::runtime_error(fmt::format("many_{} gave a wrong result", which));
        }
    });
}

void programs_loaded_at_once(Context& t) {
    on_threads(4, [&](unsigned thread) {
        const Program p = t.load_again();
        Queue q = t.device().create_queue();
        q.launch(p.kernel("add_to_total"), {{1}, {32}}, static_cast<int>(thread) + 1);
        q.synchronize();
        int total = 0;
        p.read_global("total", &total, 4);
        if (total != 32 * (static_cast<int>(thread) + 1))
            throw std::runtime_error("a program's total is wrong");
    });
}

void devices_from_many_threads(Context& t) {
    const std::size_t count = devices().size();
    on_threads(8, [&](unsigned) {
        if (devices().size() != count) throw std::runtime_error("the list of devices changed");
        if (!(device(t.device().id()) == t.device()))
            throw std::runtime_error("device() gave another device");
    });
}

void many_queues(Context& t) {
    Buffer counter = t.zeros<int>(1);
    const Kernel k = t.kernel("count");
    std::vector<Queue> queues;
    for (int i = 0; i < 64; ++i) queues.push_back(t.device().create_queue());
    for (int round = 0; round < 3; ++round)
        for (Queue& q : queues) q.launch(k, {{1}, {40}}, counter);
    for (Queue& q : queues) q.synchronize();
    t.equal(t.download<int>(counter), {64 * 3 * 40}, "64 queues");
}

void many_buffers(Context& t) {
    std::vector<Buffer> buffers;
    for (int i = 0; i < 500; ++i) buffers.push_back(t.filled<int>(64, i));
    for (int i = 0; i < 500; ++i)
        t.queue().launch(t.kernel("add"), {{1}, {64}}, buffers[static_cast<std::size_t>(i)], 1, 64);
    t.queue().synchronize();
    for (int i = 0; i < 500; ++i)
        if (t.download<int>(buffers[static_cast<std::size_t>(i)]) != std::vector<int>(64, i + 1))
            return t.fail(fmt::format("buffer {} is wrong", i));
}

const Registration topic({"concurrency",
                          "concurrency",
                          {
                              {"order_in_queue", order_in_queue},
                              {"copies_and_launches", copies_and_launches},
                              {"several_queues", several_queues},
                              {"events_across_queues", events_across_queues},
                              {"fork_and_join", fork_and_join},
                              {"event_basics", event_basics},
                              {"launches_are_asynchronous", launches_are_asynchronous},
                              {"host_threads", host_threads},
                              {"one_queue_many_threads", one_queue_many_threads},
                              {"buffers_freed_in_flight", buffers_freed_in_flight},
                              {"program_freed_in_flight", program_freed_in_flight},
                              {"queue_destroyed_waits", queue_destroyed_waits},
                              {"queue_moves", queue_moves},
                              {"errors_stay_in_their_queue", errors_stay_in_their_queue},
                              {"failed_event_in_other_queue", failed_event_in_other_queue},
                              {"same_program_on_many_queues", same_program_on_many_queues},
                              {"kernels_looked_up_at_once", kernels_looked_up_at_once},
                              {"programs_loaded_at_once", programs_loaded_at_once},
                              {"devices_from_many_threads", devices_from_many_threads},
                              {"many_queues", many_queues},
                              {"many_buffers", many_buffers},
                          }});

}  // namespace
}  // namespace heddle::conformance
