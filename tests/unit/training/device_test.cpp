#include "training/device/machine.hpp"
#include "training/device/measure.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace training {
namespace {

TEST(Device, IsNamedAsItsProcessor)
{
    EXPECT_EQ(
        processor_name("processor\t: 0\nmodel name\t:  AMD  EPYC 9654 \nmodel name\t: other\n"),
        "AMD EPYC 9654");
    EXPECT_EQ(processor_name("processor\t: 0\nBogoMIPS\t: 50\n"), "");
    EXPECT_EQ(processor_name("model name"), "");
    EXPECT_EQ(processor_name("model name\t: " + std::string(100, 'x')), std::string(64, 'x'));
    EXPECT_EQ(processor_name("model name\t: a\x1b[2Jb\xff"), "a [2Jb");
}

TEST(Device, IsOfTheClassOfThoseThatAddInTheSameOrder)
{
    EXPECT_EQ(arch_class_of("x86_64", "AVX2", "Haswell"), "cpu-x86-64-avx2-haswell");
    EXPECT_EQ(arch_class_of("x86_64", "AVX512", "SkylakeX"), "cpu-x86-64-avx512-skylakex");
    EXPECT_EQ(arch_class_of("x86_64", "sse", ""), "cpu-x86-64-sse");
    EXPECT_EQ(arch_class_of("x86_64", "AVX512", "SapphireRapids"),
              "cpu-x86-64-avx512-sapphirerapids");
    EXPECT_EQ(arch_class_of("x86_64", "AVX512", "SapphireRapidsPlus").size(), 32U);
}

TEST(Device, ReadsWhatLibtorchSaysOfItself)
{
    const auto* text =
        "  - CPU capability usage: AVX2\n  - Build settings: X=1, TORCH_VERSION=1.13.0, Y=2, ";
    EXPECT_EQ(said_after("CPU capability usage: ", text), "AVX2");
    EXPECT_EQ(said_after("TORCH_VERSION=", text), "1.13.0");
    EXPECT_EQ(said_after("CUDA=", text), "");
}

TEST(Device, SaysWhatThisMachineIs)
{
    const auto machine = this_machine();
    EXPECT_FALSE(machine.device.empty());
    EXPECT_GT(machine.memory_mib, 0U);
    EXPECT_TRUE(machine.driver.starts_with("libtorch 1.") ||
                machine.driver.starts_with("libtorch 2."))
        << machine.driver;
    EXPECT_TRUE(machine.arch_class.starts_with("cpu-")) << machine.arch_class;
    EXPECT_LE(machine.arch_class.size(), 32U);
    EXPECT_EQ(this_machine().arch_class, machine.arch_class);
}

TEST(Device, IsMeasuredInFiveRoundsAtLeast)
{
    using namespace std::chrono_literals;
    for (const std::uint32_t threads : {1U, 3U}) {
        EXPECT_GE(measured_gflops(threads, 0s), 1U);
        EXPECT_GE(measured_bandwidth_mbs(threads, (1 << 20) + 1, 0s), 1U);
    }
}

TEST(Device, IsCopiedInABufferThatItsMemoryHasRoomFor)
{
    EXPECT_LE(buffer_beyond_caches(512 << 20), 64U << 20);
    EXPECT_GE(buffer_beyond_caches(std::uint64_t{1} << 40), 128U << 20);
    EXPECT_LE(buffer_beyond_caches(std::uint64_t{1} << 40), std::uint64_t{2} << 30);
    EXPECT_GT(buffer_beyond_caches(0), 0U);
}

}  // namespace
}  // namespace training
