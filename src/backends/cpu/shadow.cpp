// Pages of the shadow memory: made when first touched, split into bytes when needed.
#include "backends/cpu/shadow.h"

#include <utility>

namespace heddle::cpu {

ShadowMemory::Page* ShadowMemory::page_of(std::uintptr_t number, bool whole_words, std::size_t& budget) {
    const auto found = pages_.find(number);
    if (found != pages_.end() && (whole_words || found->second.shift == 0)) return &found->second;
    const unsigned shift = whole_words ? 2 : 0;
    const std::size_t needed = (page_bytes >> shift) * sizeof(AccessCell);
    if (needed > budget) return nullptr;
    budget -= needed;
    std::vector<AccessCell> cells(page_bytes >> shift);
    if (found == pages_.end()) return &pages_.emplace(number, Page{shift, std::move(cells)}).first->second;
    for (std::size_t byte = 0; byte < page_bytes; ++byte) cells[byte] = found->second.cells[byte >> 2];
    found->second = Page{0, std::move(cells)};
    return &found->second;
}

}  // namespace heddle::cpu
