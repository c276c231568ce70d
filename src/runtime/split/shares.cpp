// Largest remainders, and devices dropped from the slowest on.
#include "runtime/split/shares.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace heddle::runtime {

std::vector<std::uint32_t> proportional(std::uint32_t total, std::span<const double> weights) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<std::uint32_t> counts(weights.size(), 0);
    if (!(sum > 0)) return counts;
    std::vector<double> remainders(weights.size());
    std::uint32_t given = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const double exact = total * (weights[i] / sum);
        counts[i] = std::min(static_cast<std::uint32_t>(exact), total - given);
        remainders[i] = weights[i] > 0 ? exact - counts[i] : -1.0;
        given += counts[i];
    }
    while (given < total) {
        const auto most = std::max_element(remainders.begin(), remainders.end());
        ++counts[static_cast<std::size_t>(most - remainders.begin())];
        *most -= 1.0;
        ++given;
    }
    return counts;
}

Shares shares_by_rate(std::uint32_t total, std::span<const double> rates, std::uint32_t least) {
    std::vector<double> taking_part(rates.begin(), rates.end());
    Shares shares{{}, std::vector<std::string>(rates.size())};
    while (true) {
        const double sum = std::accumulate(taking_part.begin(), taking_part.end(), 0.0);
        std::size_t slowest = taking_part.size(), count = 0;
        for (std::size_t i = 0; i < taking_part.size(); ++i) {
            if (taking_part[i] <= 0) continue;
            ++count;
            if (slowest == taking_part.size() || taking_part[i] <= taking_part[slowest]) slowest = i;
        }
        if (count <= 1 || total * taking_part[slowest] / sum >= least) break;
        const double rate = taking_part[slowest];
        shares.reasons[slowest] = fmt::format(
            "its share would not pay: {} of {} blocks would take it {:.3g} ms, and the others need {:.3g} ms "
            "for all",
            least, total, least / rate, total / (sum - rate));
        taking_part[slowest] = 0;
    }
    shares.blocks = proportional(total, taking_part);
    return shares;
}

void Throughput::add(std::size_t device, std::uint32_t blocks, double milliseconds) {
    if (blocks == 0) return;
    const double rate = blocks / std::max(milliseconds, 1e-6);
    rates_[device] = rates_[device] > 0 ? (rates_[device] + rate) / 2 : rate;
}

}  // namespace heddle::runtime
