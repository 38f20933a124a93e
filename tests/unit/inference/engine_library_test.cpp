#include "inference/onnx_engine_library.hpp"

#include "inference/engine.hpp"
#include "inference/telemetry.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

// A program of its own: once a library is loaded, the process keeps it.
namespace inference {
namespace {

TEST(Telemetry, MustBeOffBeforeTheEngineOpens)
{
    EXPECT_EXIT(
        {
            ::unsetenv("ORT_DISABLE_TELEMETRY");
            static_cast<void>(open_onnx_engine());
        },
        testing::KilledBySignal(SIGABRT), "disables telemetry");
    disable_telemetry();
    EXPECT_STREQ(std::getenv("ORT_DISABLE_TELEMETRY"), "1");
    EXPECT_TRUE(telemetry_disabled());
}

TEST(EngineLibrary, NamesWhatIsMissingAndHowToHelp)
{
    ::setenv("MILLRACE_ONNXRUNTIME", "/nowhere/libonnxruntime.so.1", 1);
    const auto loaded = load_onnx_library("/elsewhere/lib.so");
    ::unsetenv("MILLRACE_ONNXRUNTIME");
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, ledger::ErrorKind::unavailable);
    for (const auto* part : {"/nowhere/libonnxruntime.so.1, named by MILLRACE_ONNXRUNTIME",
                             "No such file", "of version 1.21 or later"})
        EXPECT_NE(loaded.error().detail.find(part), std::string::npos) << loaded.error().detail;
}

TEST(EngineLibrary, RefusesALibraryThatIsAnother)
{
    const auto loaded = load_onnx_library("libm.so.6");
    ASSERT_FALSE(loaded);
    EXPECT_NE(
        loaded.error().detail.find("libm.so.6, named in the configuration): is not ONNX Runtime"),
        std::string::npos)
        << loaded.error().detail;
}

TEST(EngineLibrary, LoadsTheOneTheBuildPutThereAfterThat)
{
    const auto loaded = load_onnx_library({});
    ASSERT_TRUE(loaded) << loaded.error().detail;
    const auto again = load_onnx_library({});
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *loaded);
}

}  // namespace
}  // namespace inference
