// Two arrays take turns: lanes read in one what they have offered, and put into the other what they offer
// next.
#include "lane_exchange.h"

#include "unit_loops.h"

namespace heddle::compiler {

using namespace llvm;

namespace {

constexpr Value* LaneExchange::* fields[] = {
    &LaneExchange::offers,    &LaneExchange::second, &LaneExchange::answers, &LaneExchange::own,
    &LaneExchange::lane_flip, &LaneExchange::group,  &LaneExchange::left};

// The array from which all lanes of the warp from `first` on read what they get of each other's `offers`.
// Mostly it is that, a few places on; what lanes get whose source is outside the warp is put beside it.
// One value for all is put into `free`.
Value* place_answers(IRBuilder<>& b, const Suspension& suspension, Value* first, Value* offers, Value* free) {
    const std::uint32_t operand = suspension.operand & 31;
    if (suspension.is_pick() || suspension.operation == Suspension::shuffle_xor) return offers;
    Type* wide = b.getInt64Ty();
    Value* warp = b.CreateInBoundsGEP(wide, offers, b.CreateZExt(first, wide));
    const auto place = [&](std::int64_t lane) { return b.CreateConstGEP1_64(wide, warp, lane); };
    if (suspension.operation == Suspension::shuffle_index) {
        constexpr unsigned together = 4;
        Value* all = b.CreateVectorSplat(together, b.CreateLoad(wide, place(operand)));
        Value* to = b.CreateInBoundsGEP(wide, free, b.CreateZExt(first, wide));
        for (unsigned lane = 0; lane < 32; lane += together)
            b.CreateAlignedStore(all, b.CreateConstGEP1_64(wide, to, lane), Align(8));
        return free;
    }
    // Up: the lowest lanes get their own value; down: the highest.
    const bool up = suspension.operation == Suspension::shuffle_up;
    const std::int64_t from = up ? 0 : 32 - operand, step = up ? -std::int64_t{operand} : operand;
    count_loop(b, b.getInt64(operand), "own", [&](Value* lane) {
        Value* at = b.CreateAdd(lane, b.getInt64(static_cast<std::uint64_t>(from)));
        b.CreateStore(b.CreateLoad(wide, b.CreateGEP(wide, warp, at)),
                      b.CreateGEP(wide, warp, b.CreateAdd(at, b.getInt64(static_cast<std::uint64_t>(step)))));
    });
    return b.CreateConstGEP1_64(wide, offers, step);
}

}  // namespace

LaneExchange LaneExchange::make_phis(IRBuilder<>& b, const LaneExchange& given, BasicBlock* from) {
    LaneExchange made;
    for (const auto field : fields) {
        PHINode* phi = b.CreatePHI((given.*field)->getType(), 4);
        phi->addIncoming(given.*field, from);
        made.*field = phi;
    }
    return made;
}

void LaneExchange::come_with(const LaneExchange& next, BasicBlock* from) const {
    for (const auto field : fields) cast<PHINode>(this->*field)->addIncoming(next.*field, from);
}

LaneExchange LaneExchange::after(IRBuilder<>& b, const Suspension& suspension, Value* first,
                                 Value* free) const {
    LaneExchange next = *this;
    next.lane_flip = b.getInt32(0);
    next.group = b.getInt32(~0u);
    next.left = b.CreateSub(left, b.getInt32(1));
    if (!suspension.is_shuffle()) return next;
    std::swap(next.offers, next.second);
    next.own = offers;
    next.answers = place_answers(b, suspension, first, offers, free);
    if (suspension.operation == Suspension::shuffle_xor && !suspension.is_pick())
        next.lane_flip = b.getInt32(suspension.operand & 31);
    return next;
}

bool goes_on(const Suspension& suspension) {
    return (suspension.is_shuffle() || suspension.operation == Suspension::warp_sync) &&
           (suspension.flags & Suspension::has_mask) != 0 && suspension.mask == ~std::uint32_t{0};
}

}  // namespace heddle::compiler
