/// What AddressSanitizer's run time asks of a program before anything else: how an undefined
/// behaviour, which ends in an illegal instruction (cmake/Toolchain.cmake), is to be reported.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options()
{
    return "handle_sigill=1";
}
