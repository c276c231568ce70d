// The splitter of suspending code: which regions it makes, what it keeps in the frame and what not.
#include "compiler/targets/barrier_regions.h"

#include <gtest/gtest.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Support/SourceMgr.h>
#include <llvm/Support/raw_ostream.h>

#include <memory>
#include <string>

namespace heddle::compiler {
namespace {

/// `code` is the body of void @unit(i32 %unit, i32 %n, ptr %data), whose %unit differs between units.
class Regions : public ::testing::Test {
  protected:
    BarrierRegions split(const std::string& code, bool in_rounds = true) {
        llvm::SMDiagnostic problem;
        module_ = llvm::parseAssemblyString(
            "declare i32 @heddle.suspend(i32, i32, i32, i32)\n"
            "define internal void @unit(i32 %unit, i32 %n, ptr %data) {\n" +
                code + "}\n",
            problem, context_);
        if (!module_) {
            ADD_FAILURE() << problem.getMessage().str();
            return {};
        }
        constexpr unsigned varying[] = {0};
        BarrierRegions result = split_at_suspensions(*module_->getFunction("unit"), varying, in_rounds);
        std::string text;
        llvm::raw_string_ostream out(text);
        EXPECT_FALSE(llvm::verifyModule(*module_, &out)) << text;
        EXPECT_EQ(module_->getFunction("unit"), nullptr);
        return result;
    }

    template <class T>
    static std::size_t count(const RegionFunction& part) {
        std::size_t found = 0;
        for (const llvm::Instruction& instruction : llvm::instructions(*part.function))
            found += llvm::isa<T>(instruction) ? 1 : 0;
        return found;
    }

  private:
    llvm::LLVMContext context_;
    std::unique_ptr<llvm::Module> module_;
};

TEST_F(Regions, KeepWhatLivesAcross) {
    const BarrierRegions split = this->split(R"(
        %value = load i32, ptr %data
        %group = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
        store i32 %value, ptr %data
        %other = call i32 @heddle.suspend(i32 7, i32 1, i32 255, i32 5)
        store i32 %other, ptr %data
        ret void)");
    ASSERT_EQ(split.functions.size(), 3u);
    ASSERT_EQ(split.suspensions.size(), 3u);
    EXPECT_EQ(split.suspensions[0].operation, 0u);
    EXPECT_EQ(split.suspensions[1].operation, 1u);
    EXPECT_EQ(split.suspensions[2].operation, 7u);
    EXPECT_EQ(split.suspensions[2].mask, 255u);
    EXPECT_EQ(split.suspensions[2].flags, std::uint32_t{Suspension::has_mask});
    EXPECT_EQ(split.suspensions[2].operand, 5u);
    EXPECT_EQ(split.frame_bytes, 8u);  // the value, to a multiple of the alignment
    EXPECT_EQ(split.functions[0].outcome, 1u);
    EXPECT_EQ(split.functions[1].outcome, 2u);
    EXPECT_EQ(split.functions[2].outcome, region_ended);
    EXPECT_EQ(count<llvm::StoreInst>(split.functions[0]), 1u);
    EXPECT_EQ(count<llvm::LoadInst>(split.functions[1]), 1u);
    // The group is a parameter, nothing is read.
    EXPECT_EQ(count<llvm::LoadInst>(split.functions[2]), 0u);
}

TEST_F(Regions, RecomputeWhatIsCheap) {
    const BarrierRegions split = this->split(R"(
        %scaled = mul i32 %unit, %n
        %place = getelementptr i32, ptr %data, i32 %scaled
        %group = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
        store i32 1, ptr %place
        ret void)");
    EXPECT_EQ(split.frame_bytes, 0u);
}

TEST_F(Regions, LoopsAndPhisShareAPlace) {
    const BarrierRegions split = this->split(R"(
        entry:
          %first = load i32, ptr %data
          br label %loop
        loop:
          %i = phi i32 [ 0, %entry ], [ %next, %loop ]
          %sum = phi i32 [ %first, %entry ], [ %more, %loop ]
          %group = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
          %read = load i32, ptr %data
          %more = add i32 %sum, %read
          %next = add i32 %i, 1
          %again = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
          %goes = icmp ult i32 %next, %n
          br i1 %goes, label %loop, label %end
        end:
          store i32 %more, ptr %data
          ret void)");
    ASSERT_EQ(split.functions.size(), 3u);
    EXPECT_EQ(split.frame_bytes, 8u);  // the counter and the sum
    EXPECT_EQ(split.functions[0].outcome, 1u);
    EXPECT_EQ(split.functions[1].outcome, 2u);
    EXPECT_FALSE(split.functions[2].outcome.has_value());  // once more, or the end
    // All units count alike: the counter is handed over, and the sum read from the frame.
    ASSERT_EQ(split.functions[1].common.size(), 1u);
    EXPECT_EQ(count<llvm::LoadInst>(split.functions[1]), 2u);
}

TEST_F(Regions, NothingIsCommonWhereUnitsMayPart) {
    const char* const code = R"(
        entry:
          %odd = trunc i32 %unit to i1
          br label %loop
        loop:
          %i = phi i32 [ 0, %entry ], [ %next, %join ]
          br i1 %odd, label %wait, label %join
        wait:
          %group = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
          br label %join
        join:
          %again = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
          %next = add i32 %i, 1
          %goes = icmp ult i32 %next, %n
          br i1 %goes, label %loop, label %end
        end:
          ret void)";
    for (const RegionFunction& part : split(code).functions) EXPECT_TRUE(part.common.empty());
}

TEST_F(Regions, AnEarlyEndPartsNobody) {
    const char* const code = R"(
        entry:
          %out = icmp uge i32 %unit, %n
          br i1 %out, label %end, label %loop
        loop:
          %i = phi i32 [ 0, %entry ], [ %next, %loop ]
          %group = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
          store i32 %i, ptr %data
          %next = add i32 %i, 1
          %goes = icmp ult i32 %next, %n
          br i1 %goes, label %loop, label %end
        end:
          ret void)";
    EXPECT_EQ(split(code).functions[1].common.size(), 1u);
    // Lanes that always wait for their whole warp are at the same iteration, lanes with masks of their own
    // need not be.
    const auto with_warp_operation = [&](const std::string& known) {
        std::string changed = code;
        const std::string barrier = "(i32 1, i32 0, i32 0, i32 0)";
        return changed.replace(changed.find(barrier), barrier.size(), "(i32 2, i32 " + known + ", i32 0)");
    };
    EXPECT_EQ(split(with_warp_operation("1, i32 -1"), false).functions[1].common.size(), 1u);
    EXPECT_TRUE(split(with_warp_operation("0, i32 0"), false).functions[1].common.empty());
}

TEST_F(Regions, UnitsGoOnTogetherUnlessTheyPartBeforeTheyWait) {
    const auto goes_on_together = [&](const std::string& writing, const std::string& waiting) {
        const BarrierRegions result = split(R"(
          %first = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
          %chosen = icmp ult i32 )" + writing +
                                            R"(, 5
          br i1 %chosen, label %writes, label %joins
        writes:
          store i32 1, ptr %data
          br label %joins
        joins:
          %more = icmp ult i32 )" + waiting +
                                            R"(, 7
          br i1 %more, label %waits, label %done
        waits:
          %second = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
          br label %done
        done:
          ret void)");
        EXPECT_EQ(result.functions[1].outcomes.size(), 2u);
        return result.functions[1].has_common_outcome;
    };
    EXPECT_TRUE(goes_on_together("%n", "%n"));
    EXPECT_TRUE(goes_on_together("%unit", "%n"));
    EXPECT_FALSE(goes_on_together("%n", "%unit"));
}

TEST_F(Regions, SomeUnitsMayEndWhereOthersWait) {
    const BarrierRegions result = split(R"(
        entry:
          %out = icmp uge i32 %unit, %n
          br i1 %out, label %end, label %waits
        waits:
          %group = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
          store i32 1, ptr %data
          br label %end
        end:
          ret void)");
    EXPECT_FALSE(result.functions[0].has_common_outcome);
    EXPECT_TRUE(result.functions[1].has_common_outcome);
}

TEST_F(Regions, ArraysLieInTheFrameOnlyWhenTheyLiveAcross) {
    const BarrierRegions kept = split(R"(
        %array = alloca [100 x i32], align 16
        %at = getelementptr i32, ptr %array, i32 %unit
        store i32 %n, ptr %at
        %group = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
        %there = getelementptr i32, ptr %array, i32 %n
        %value = load i32, ptr %there
        store i32 %value, ptr %data
        ret void)");
    EXPECT_EQ(kept.frame_bytes, 400u);
    EXPECT_EQ(kept.frame_alignment, 16u);
    const BarrierRegions local = split(R"(
        %array = alloca [100 x i32], align 16
        %group = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)
        %at = getelementptr i32, ptr %array, i32 %unit
        store i32 %n, ptr %at
        %there = getelementptr i32, ptr %array, i32 %n
        %value = load i32, ptr %there
        store i32 %value, ptr %data
        ret void)");
    EXPECT_EQ(local.frame_bytes, 0u);
}

TEST_F(Regions, CodeThatManyReachIsNotRepeated) {
    // Forty suspensions, each of which may be left out: region k's code would be all that follows.
    std::string code = "entry:\n br label %at0\n";
    const auto n = [](int i) { return std::to_string(i); };
    for (int i = 0; i < 40; ++i)
        code += "at" + n(i) + ":\n %v" + n(i) + " = load volatile i32, ptr %data\n %c" + n(i) +
                " = icmp ult i32 %v" + n(i) + ", %n\n br i1 %c" + n(i) + ", label %wait" + n(i) +
                ", label %at" + n(i + 1) + "\nwait" + n(i) + ":\n %g" + n(i) +
                " = call i32 @heddle.suspend(i32 1, i32 0, i32 0, i32 0)\n br label %at" + n(i + 1) + "\n";
    code += "at40:\n store i32 %v0, ptr %data\n ret void\n";
    const BarrierRegions split = this->split(code);
    ASSERT_EQ(split.functions.size(), 1u);
    EXPECT_EQ(split.functions[0].regions.size(), 41u);
    EXPECT_LT(split.functions[0].function->getInstructionCount(), 600u);
}

}  // namespace
}  // namespace heddle::compiler
