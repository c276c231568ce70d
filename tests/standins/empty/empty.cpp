// A library that loads and has no function of any driver.
extern "C" __attribute__((visibility("default"))) int heddle_standin_empty() {
    return 0;
}
