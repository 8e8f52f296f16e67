const step = atob("Y29uc29sZS5sb2coMSk=");
eval(step);
